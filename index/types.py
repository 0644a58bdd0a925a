"""The values that travel between packages: frozen, typed, and free of behaviour that needs a library.

Positions are 0-based Unicode code points into a stored text; spans are half open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code points, `text[start:end]`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The characters this span covers in `text`."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Section:
    """Where a headed part of a document begins, and its heading."""

    start: int
    heading: str


@dataclass(frozen=True, slots=True)
class Document:
    r"""What a reader makes of one file: the whole readable text and what is known about it.

    text: normalised (NFC, "\n" line ends, no control characters); stored whole, never edited later.
    title: as the file itself gives it, or None.
    sections: by start, ascending. `pages`: start of each page, ascending; empty when there are none.
    asides: parts the format itself marks as not the article (navigation, footer); never indexed.
    """

    text: str
    media_type: str
    title: str | None = None
    sections: tuple[Section, ...] = ()
    pages: tuple[int, ...] = ()
    asides: tuple[Span, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentenceHit:
    """One sentence of a found passage and how close it is to the question.

    span: its place in the document. dense_score: cosine in [-1, 1], less some of what it owes to the language
    (`index.languages`). lexical_score: share of the question's words it holds, weighted by how rare each is,
    in [0, 1].
    """

    span: Span
    text: str
    dense_score: float
    lexical_score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A found passage with its scores, best first in a list.

    score: the fused one, comparable within one search only. dense_score: cosine in [-1, 1].
    lexical_score: BM25, 0 when no word is shared.
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
    sentences: tuple[SentenceHit, ...]
