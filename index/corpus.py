"""How rare words are: in the whole store, or in some collections alone.

A search within collections takes its statistics from these alone, so that no score tells what stands in the
others: otherwise anyone with one collection could learn of any word how often the others have it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index.lexical import LexicalIndex
from index.terms import Term, inverse_document_frequency

_K1, _B = 1.2, 0.75  # as in Lucene and tantivy


@dataclass(frozen=True, slots=True)
class Corpus:
    """The passages that are counted. collections: none for all; n_passages: how many they hold."""

    lexical: LexicalIndex
    collections: tuple[str, ...]
    n_passages: int
    _frequencies: dict[str, int] = field(
        default_factory=dict, repr=False
    )  # counting takes half a millisecond

    def rarity(self, terms: Sequence[Term], least_total: int = 0) -> dict[Term, float]:
        """Inverse document frequency of each term, counted as if in `least_total` passages at least."""
        total = max(self.n_passages, least_total)
        return {term: term.rarity(self.frequency, total) for term in terms}

    def share_foreign(self, terms: Sequence[Term]) -> float:
        """Share of the terms, weighted by rarity, whose own word is not the passages' for it, in [0, 1]."""
        rarity = self.rarity(terms)
        foreign = sum(weight for term, weight in rarity.items() if self._is_foreign(term))
        return foreign / (sum(rarity.values()) or 1.0)

    def _is_foreign(self, term: Term) -> bool:
        """Whether no passage has the term's own word, or more have an equivalent."""
        own, *others = (min(map(self.frequency, words)) for words in term.alternatives)
        return own == 0 or max(others, default=0) > own

    def bm25(
        self,
        terms: Sequence[Term],
        passages: Mapping[int, Sequence[str]],
        typical: Mapping[int, Sequence[str]] | None = None,
    ) -> dict[int, float]:
        """The score of each passage that holds a term, given as its words.

        Of a term's alternatives the best counts. typical: passages whose average length is taken for that of
        all; None: these.
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
        """In how many of the passages the word occurs."""
        if word not in self._frequencies:
            self._frequencies[word] = self.lexical.document_frequency(word, self.collections)
        return self._frequencies[word]


def _score(term: Term, boosts: Sequence[float], weights: Mapping[str, float]) -> float:
    """Of the best alternative whose words are all there."""
    return max(
        (
            boost * sum(weights[word] for word in words)
            for words, boost in zip(term.alternatives, boosts, strict=True)
            if all(word in weights for word in words)
        ),
        default=0.0,
    )
