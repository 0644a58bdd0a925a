"""What the store takes and gives: documents, passages, changes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.types import Section, Span


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """What the store knows of a document, but its text."""

    id: str
    collection: str
    origin: str
    source: str
    title: str
    media_type: str
    sha256: str
    characters: int
    modified_at: str  # ISO 8601, UTC
    metadata: Mapping[str, str]
    sections: tuple[Section, ...] = ()
    pages: tuple[int, ...] = ()
    keep: tuple[Span, ...] = ()
    n_passages: int = 0

    def page_at(self, position: int) -> int | None:
        """The page, from 1, that holds the code point at `position`; None for a document without pages."""
        return sum(1 for start in self.pages if start <= position) or None


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage on its way into the store; vectors of length 1, (dim,) and (sentences, dim)."""

    span: Span
    heading: str
    sentences: tuple[Span, ...]
    tokens: str
    embedding: NDArray[np.float16]
    sentence_embeddings: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as stored, with its text and its sentences' vectors. Spans are positions in the document."""

    id: int
    document_id: str
    ordinal: int
    span: Span
    heading: str
    text: str
    sentences: tuple[Span, ...]
    embedding: NDArray[np.float16]
    sentence_embeddings: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change log: passages `first` up to, not including, `end` came or went."""

    seq: int
    added: bool
    first: int
    end: int
