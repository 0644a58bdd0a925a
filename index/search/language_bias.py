"""Language bias of cosine similarity, to be removed before texts in two languages are compared.

Multilingual embeddings encode the language beside the meaning: in multilingual-e5-small an English question
is 0.04 closer to any English passage than to any Korean one, more than separates right from wrong passages.
Comparing each with the centroid of its own language removes the bias (Libovický, Rosa and Fraser 2020,
arXiv:2004.05160).
"""

import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.store import Catalog

_KOREAN_LETTERS = 0.3  # minimum share of Hangul in a Korean text
_SAMPLE = 256  # passages sampled per scope; those of one store vary little


def is_korean(text: str) -> bool:
    """Return whether a text is Korean rather than English, whatever foreign names and digits it has."""
    return len(re.findall("[가-힣]", text)) > _KOREAN_LETTERS * len(re.findall(r"\w", text))


@dataclass(frozen=True, slots=True)
class LanguageGap:
    """Difference from the Korean passages' centroid to that of the others, (dim,); None without either."""

    direction: NDArray[np.float32] | None = None

    def owed(self, question: NDArray[np.float32]) -> float:
        """Return the question's cosine with a non-Korean text less that with its Korean equivalent."""
        return 0.0 if self.direction is None else float(self.direction @ question)


def language_gap(
    embeddings: Mapping[int, NDArray[np.float16]], words: Mapping[int, Sequence[str]]
) -> LanguageGap:
    """Return the gap between the languages of the passages, given as embeddings and lexical tokens by id.

    The centroid of few passages also reflects their topic, so the gap is scaled by n / (n + 1), where n is
    the smaller count.
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
    """The language gap of each search scope, cached until the store changes."""

    catalog: Catalog
    _as_of: int = -1
    _known: dict[Hashable, LanguageGap] = field(default_factory=dict)

    def among(self, scope: Hashable, passages: Callable[[], Collection[int]]) -> LanguageGap:
        """Return the gap within a scope. passages: returns the scope's passage ids, called if not cached."""
        as_of = self.catalog.last_change()
        if as_of != self._as_of:
            self._known, self._as_of = {}, as_of
        known = self._known
        if scope not in known:
            ids = sorted(passages())
            sample = ids[:: len(ids) // _SAMPLE + 1]
            known[scope] = language_gap(self.catalog.embeddings(sample), self.catalog.words(sample))
        return known[scope]
