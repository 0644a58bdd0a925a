"""Values that the store takes and returns: documents, passages, changes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.types import Section, Span, page_at


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document's stored attributes, without its text."""

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
        """Return the page, from 1, that contains this code point, or None for a document without pages."""
        return page_at(self.pages, position)


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage to store. embedding: a unit vector, (dim,)."""

    span: Span
    heading: str
    sentences: tuple[Span, ...]
    tokens: str
    embedding: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A stored passage with its text and embedding. Spans are positions in the document."""

    id: int
    document_id: str
    ordinal: int
    span: Span
    heading: str
    text: str
    sentences: tuple[Span, ...]
    embedding: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Change:
    """A change-log entry: the passages in [first, end) were added or updated (`added`), or removed."""

    seq: int
    added: bool
    first: int
    end: int
