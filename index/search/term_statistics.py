"""Term statistics and BM25 over the whole store or over some collections.

A search within collections takes its statistics from these alone, so that scores reveal nothing about the
others; otherwise a client with one collection could infer how often the others contain any word.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index.search.keyword_index import LexicalIndex
from index.search.terms import Term, inverse_document_frequency

_K1, _B = 1.2, 0.75  # as in Lucene and tantivy


@dataclass(frozen=True, slots=True)
class Corpus:
    """The passages that statistics are taken from. collections: empty for all; n_passages: their number."""

    lexical: LexicalIndex
    collections: tuple[str, ...]
    n_passages: int
    _frequencies: dict[str, int] = field(default_factory=dict, repr=False)  # cache; a count takes 0.5 ms

    def rarity(self, terms: Sequence[Term], least_total: int = 0) -> dict[Term, float]:
        """Return each term's inverse document frequency, computed for at least `least_total` passages."""
        total = max(self.n_passages, least_total)
        return {term: term.rarity(self.frequency, total) for term in terms}

    def share_foreign(self, terms: Sequence[Term]) -> float:
        """Return the IDF-weighted share of terms that are foreign to the passages, in [0, 1]."""
        rarity = self.rarity(terms)
        foreign = sum(weight for term, weight in rarity.items() if self._is_foreign(term))
        return foreign / (sum(rarity.values()) or 1.0)

    def _is_foreign(self, term: Term) -> bool:
        """Return whether the term's own word occurs in no passage, or in fewer than an equivalent."""
        own, *others = (min(map(self.frequency, words)) for words in term.alternatives)
        return own == 0 or max(others, default=0) > own

    def bm25(
        self,
        terms: Sequence[Term],
        passages: Mapping[int, Sequence[str]],
        typical: Mapping[int, Sequence[str]] | None = None,
    ) -> dict[int, float]:
        """Return the BM25 score of each passage that matches a term. passages: lexical tokens by id.

        A term scores as its best alternative. typical: passages whose mean length serves as the average in
        length normalisation; None: `passages`.
        """
        rarity = {
            word: inverse_document_frequency(self.frequency(word), self.n_passages)
            for word in {word for term in terms for words in term.alternatives for word in words}
        }
        boosts = {term: term.boosts(self.frequency, self.n_passages) for term in terms}
        measured = (typical or passages).values()
        average = sum(map(len, measured)) / (len(measured) or 1) or 1.0
        scores: dict[int, float] = {}
        for ident, words in passages.items():
            counts, norm = Counter(words), _K1 * (1 - _B + _B * len(words) / average)
            weights = {w: rarity[w] * n * (_K1 + 1) / (n + norm) for w, n in counts.items() if w in rarity}
            score = sum(_score(term, boosts[term], weights) for term in terms)
            if score:
                scores[ident] = score
        return scores

    def frequency(self, word: str) -> int:
        """Return the number of passages that contain the word."""
        if word not in self._frequencies:
            self._frequencies[word] = self.lexical.document_frequency(word, self.collections)
        return self._frequencies[word]


def _score(term: Term, boosts: Sequence[float], weights: Mapping[str, float]) -> float:
    """Return the score of the best alternative whose words all occur, 0 if there is none."""
    return max(
        (
            boost * sum(weights[word] for word in words)
            for words, boost in zip(term.alternatives, boosts, strict=True)
            if all(word in weights for word in words)
        ),
        default=0.0,
    )
