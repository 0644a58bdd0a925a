"""What a cosine owes to the language alone, to be taken out before texts in two languages are compared.

Multilingual embeddings hold the language beside the meaning: to multilingual-e5-small an English question is
0.04 nearer to any English passage than to any Korean one, more than what tells the right passage from others.
Comparing each with the centroid of its own language takes that out (Libovický, Rosa and Fraser 2020,
arXiv:2004.05160).
"""

import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.catalog import Catalog

_KOREAN_LETTERS = 0.3  # share of Hangul from which a text is Korean
_SAMPLE = 256  # passages that stand for all; those of a store do not change much


def is_korean(text: str) -> bool:
    """Whether a text is Korean, and not English, whatever foreign names and digits it has."""
    return len(re.findall("[가-힣]", text)) > _KOREAN_LETTERS * len(re.findall(r"\w", text))


@dataclass(frozen=True, slots=True)
class LanguageGap:
    """From the centroid of the Korean passages to that of the others, (dim,); None without either."""

    direction: NDArray[np.float32] | None = None

    def owed(self, question: NDArray[np.float32]) -> float:
        """By how much texts that are not Korean are nearer to the question than the same in Korean."""
        return 0.0 if self.direction is None else float(self.direction @ question)


def language_gap(
    embeddings: Mapping[int, NDArray[np.float16]], words: Mapping[int, Sequence[str]]
) -> LanguageGap:
    """The gap between the passages, given by id with their vectors and lexical words.

    Of a language with few passages the centroid is their subject as well; so the fewer, the less counts.
    """
    korean: list[NDArray[np.float32]] = []
    others: list[NDArray[np.float32]] = []
    for ident, embedding in embeddings.items():
        (korean if is_korean(" ".join(words.get(ident, ()))) else others).append(embedding.astype(np.float32))
    fewer = min(len(korean), len(others))
    if not fewer:
        return LanguageGap()
    gap = np.asarray(np.mean(others, axis=0) - np.mean(korean, axis=0), dtype=np.float32)
    return LanguageGap(gap * np.float32(fewer / (fewer + 1)))


@dataclass(slots=True)
class LanguageGaps:
    """The gaps of what searches may see, each found once as long as the store stays as it is."""

    catalog: Catalog
    _as_of: int = -1
    _known: dict[Hashable, LanguageGap] = field(default_factory=dict)

    def among(self, scope: Hashable, passages: Callable[[], Collection[int]]) -> LanguageGap:
        """The gap within a scope. passages: the ids of what it holds, asked for when they are needed."""
        as_of = self.catalog.last_change()
        if as_of != self._as_of:
            self._known, self._as_of = {}, as_of
        known = self._known
        if scope not in known:
            ids = sorted(passages())
            sample = ids[:: len(ids) // _SAMPLE + 1]
            known[scope] = language_gap(self.catalog.embeddings(sample), self.catalog.words(sample))
        return known[scope]
