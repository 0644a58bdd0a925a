"""Values passed between packages: frozen, typed, without third-party dependencies.

Positions are 0-based Unicode code points into a stored text; spans are half open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code points, `text[start:end]`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the characters of `text` that this span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of a document: where it begins, and its heading."""

    start: int
    heading: str


@dataclass(frozen=True, slots=True)
class Document:
    r"""A parsed file: its whole readable text and what is known about it.

    text: normalised (NFC, "\n" line ends, no control characters); stored whole, never edited later.
    title: as stated by the file itself, or None.
    sections: by start, ascending. `pages`: start of each page, ascending; empty if there are none.
    asides: parts that the format marks as outside the article (navigation, footer); never indexed.
    """

    text: str
    media_type: str
    title: str | None = None
    sections: tuple[Section, ...] = ()
    pages: tuple[int, ...] = ()
    asides: tuple[Span, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage with its scores; lists of hits are sorted best first.

    score: fused, comparable within one search only. dense_score: cosine in [-1, 1].
    lexical_score: BM25, 0 if no word is shared. sentences: positions in the document, ascending. page: where
    the passage begins. pages: the starts of the document's pages, for those of its sentences.
    """

    passage_id: int
    document_id: str
    collection: str
    title: str
    source: str
    heading: str
    date: str
    page: int | None
    span: Span
    text: str
    score: float
    dense_score: float
    lexical_score: float
    sentences: tuple[Span, ...]
    pages: tuple[int, ...] = ()


def page_at(pages: Sequence[int], position: int) -> int | None:
    """Return the page, from 1, that holds this code point, or None for a document without pages."""
    return sum(1 for start in pages if start <= position) or None
