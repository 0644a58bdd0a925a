"""Baselines for the reader: cosine similarity, BM25, and their sum."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import Embedder, PassageText
from index.reader.types import ReaderPassage
from index.search.keyword_index import MorphemeAnalyzer
from index.types import Span

Floats = NDArray[np.float64]


class SentenceRanker(Protocol):
    """Scores the sentences of a document for a question."""

    def rank(self, question: str, passages: Sequence[ReaderPassage]) -> Floats:
        """Return one score a sentence, (n,), in document order."""


@dataclass(slots=True)
class CosineRanker:
    """Cosine of question and sentence, each sentence embedded within its passage."""

    embedder: Embedder
    _embedded: dict[ReaderPassage, NDArray[np.float32]]
    _asked: dict[str, NDArray[np.float32]]

    def __init__(self, embedder: Embedder) -> None:
        self.embedder, self._embedded, self._asked = embedder, {}, {}

    def rank(self, question: str, passages: Sequence[ReaderPassage]) -> Floats:
        """Return one cosine a sentence."""
        missing = [p for p in passages if p not in self._embedded]
        texts = [
            PassageText(p.title, p.text, tuple(Span(s.start - p.start, s.end - p.start) for s in p.sentences))
            for p in missing
        ]
        for passage, vectors in zip(missing, self.embedder.embed_passages(texts), strict=True):
            self._embedded[passage] = vectors.sentences
        matrix = np.concatenate([self._embedded[p] for p in passages])
        if question not in self._asked:
            self._asked[question] = self.embedder.embed_question(question)
        return np.asarray(matrix @ self._asked[question], dtype=np.float64)


@dataclass(slots=True)
class WordRanker:
    """BM25 (Robertson et al. 1995) of a document's sentences over their morphemes."""

    analyzer: MorphemeAnalyzer
    k1: float = 1.2
    b: float = 0.75

    def rank(self, question: str, passages: Sequence[ReaderPassage]) -> Floats:
        """Return one BM25 score a sentence."""
        texts = [p.sentence_text(i) for p in passages for i in range(len(p.sentences))]
        words = [list(w) for w in self.analyzer.words_of_many(texts)]
        average = sum(map(len, words)) / max(1, len(words)) or 1.0
        frequency = Counter(word for sentence in words for word in set(sentence))
        scores = np.zeros(len(words))
        for term in set(self.analyzer.words(question)):
            rarity = math.log(1 + (len(words) - frequency[term] + 0.5) / (frequency[term] + 0.5))
            for index, sentence in enumerate(words):
                count = sentence.count(term)
                norm = self.k1 * (1 - self.b + self.b * len(sentence) / average)
                scores[index] += rarity * count * (self.k1 + 1) / (count + norm)
        return scores


@dataclass(slots=True)
class SumRanker:
    """The sum of two rankers' standardised scores."""

    first: SentenceRanker
    second: SentenceRanker

    def rank(self, question: str, passages: Sequence[ReaderPassage]) -> Floats:
        """Return one score a sentence."""
        a, b = self.first.rank(question, passages), self.second.rank(question, passages)
        total: Floats = (a - a.mean()) / (a.std() or 1.0) + (b - b.mean()) / (b.std() or 1.0)
        return total
