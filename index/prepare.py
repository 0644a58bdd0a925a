"""One file's bytes to what the store keeps of it: the text, its passages, their vectors and words.

Shared by files and uploads, so that the same bytes are the same document however they come. Knows nothing
of what is in the store already.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.catalog import NewPassage, StoredDocument
from index.clean import keep_spans
from index.embed import Embedder, PassageText
from index.lexical import MorphemeAnalyzer
from index.passages import PassageSize, PassageSpan, build_passages
from index.readers.registry import read_document
from index.types import Span


@dataclass(frozen=True, slots=True)
class Identity:
    """Which document the bytes are. source: as shown to people; modified_at: ISO 8601, UTC."""

    id: str
    collection: str
    origin: str
    source: str
    modified_at: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document read and cut into passages, not yet embedded."""

    stored: StoredDocument
    text: str
    spans: Sequence[PassageSpan]

    @property
    def header_title(self) -> str:
        """The title for the embedded header."""
        return header_title(self.stored)


def file_digest(data: bytes) -> str:
    """What the store knows equal bytes by."""
    return hashlib.sha256(data).hexdigest()


def prepare_document(name: str, data: bytes, identity: Identity, size: PassageSize) -> Prepared:
    """The document in a file of this name and content, cut into passages.

    Raises UnsupportedFormat and UnreadableDocument, without the name in their words.
    """
    document = read_document(name, data)
    keep = keep_spans(document) or [Span(0, len(document.text))]
    stored = StoredDocument(
        id=identity.id,
        collection=identity.collection,
        origin=identity.origin,
        source=identity.source,
        title=document.title or identity.source,
        media_type=document.media_type,
        sha256=file_digest(data),
        characters=len(document.text),
        modified_at=identity.modified_at,
        metadata=dict(document.metadata),
        sections=document.sections,
        pages=document.pages,
        keep=tuple(keep),
    )
    return Prepared(stored, document.text, build_passages(document.text, keep, document.sections, size))


def embed_documents(
    embedder: Embedder,
    analyzer: MorphemeAnalyzer,
    documents: Sequence[tuple[str, str, Sequence[PassageSpan]]],
    advance: Callable[[int], None] | None = None,
) -> list[list[NewPassage]]:
    """The passages of each document, given as text, title and spans, with vectors and words."""
    inputs = [
        PassageText(
            header=passage_header(title, span.heading),
            text=span.span.of(text),
            sentences=tuple(Span(s.start - span.span.start, s.end - span.span.start) for s in span.sentences),
        )
        for text, title, spans in documents
        for span in spans
    ]
    vectors = iter(embedder.embed_passages(inputs, advance))
    words = iter(analyzer.words_of_many(analysed_text(item.header, item.text) for item in inputs))
    return [
        [
            NewPassage(
                span=span.span,
                heading=span.heading,
                sentences=span.sentences,
                tokens=" ".join(next(words)),
                embedding=(embedded := next(vectors)).passage.astype("float16"),
                sentence_embeddings=embedded.sentences.astype("float16"),
            )
            for span in spans
        ]
        for _, _, spans in documents
    ]


def header_title(document: StoredDocument) -> str:
    """The title for the embedded header; a bare file name would only be noise there."""
    return "" if document.title == document.source else document.title


def passage_header(title: str, heading: str) -> str:
    """What is embedded before a passage's text, for context."""
    return " > ".join(part for part in (title, heading) if part)


def analysed_text(header: str, text: str) -> str:
    """What the words of a passage are taken from."""
    return f"{header}\n{text}"
