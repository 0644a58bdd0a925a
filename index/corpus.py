"""How rare words are: in the whole store, or in some collections alone.

A search within collections takes its statistics from these alone, so that no score tells what stands in the
others: otherwise anyone with one collection could learn of any word how often the others have it.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index.lexical import LexicalIndex
from index.terms import Term

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
        """Inverse document frequency of each term, counted as if in `least_total` passages at least.

        A term is as frequent as its commonest alternative, and that as its rarest word.
        """
        total = max(self.n_passages, least_total)
        return {
            term: _idf(
                max((min(map(self._frequency, words)) for words in term.alternatives), default=0), total
            )
            for term in terms
        }

    def bm25(self, terms: Sequence[Term], passages: Mapping[int, Sequence[str]]) -> dict[int, float]:
        """The score of each passage that holds a term, given as its words; the average length is theirs.

        Of a term's alternatives the best counts.
        """
        rarity = {
            word: _idf(self._frequency(word), self.n_passages)
            for word in {word for term in terms for words in term.alternatives for word in words}
        }
        average = sum(map(len, passages.values())) / (len(passages) or 1) or 1.0
        scores: dict[int, float] = {}
        for ident, words in passages.items():
            counts, norm = Counter(words), _K1 * (1 - _B + _B * len(words) / average)
            weights = {w: rarity[w] * n * (_K1 + 1) / (n + norm) for w, n in counts.items() if w in rarity}
            score = sum(_score(term, weights) for term in terms)
            if score:
                scores[ident] = score
        return scores

    def _frequency(self, word: str) -> int:
        if word not in self._frequencies:
            self._frequencies[word] = self.lexical.document_frequency(word, self.collections)
        return self._frequencies[word]


def _score(term: Term, weights: Mapping[str, float]) -> float:
    """Of the best alternative whose words are all there."""
    return max(
        (
            sum(weights[word] for word in words)
            for words in term.alternatives
            if all(word in weights for word in words)
        ),
        default=0.0,
    )


def _idf(n: int, total: int) -> float:
    """As BM25 in Lucene and tantivy has it."""
    n = min(total, n)
    return math.log(1 + (total - n + 0.5) / (n + 0.5))
