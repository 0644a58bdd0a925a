"""One file's bytes to what is stored: the text, its passages, their embeddings and lexical tokens.

Shared by files and uploads, so that equal bytes give equal documents. Does not access the store.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.chunking.boilerplate import keep_spans
from index.chunking.passages import PassageSize, PassageSpan, build_passages
from index.embedding.embedder import Embedder, PassageText
from index.formats.registry import read_document
from index.search.keyword_index import MorphemeAnalyzer
from index.store import NewPassage, StoredDocument
from index.types import Span


@dataclass(frozen=True, slots=True)
class Identity:
    """Identity of a document. source: display name; modified_at: ISO 8601, UTC."""

    id: str
    collection: str
    origin: str
    source: str
    modified_at: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document parsed and split into passages, not yet embedded."""

    stored: StoredDocument
    text: str
    spans: Sequence[PassageSpan]

    @property
    def header_title(self) -> str:
        """Return the title for the embedded header."""
        return header_title(self.stored)


def file_digest(data: bytes) -> str:
    """Return the SHA-256 by which the store recognises equal bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def prepare_document(name: str, data: bytes, identity: Identity, size: PassageSize) -> Prepared:
    """Parse a file of this name and content and split it into passages.

    Raises UnsupportedFormat and UnreadableDocument, whose messages omit the name.
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
    """Return each document's passages with embeddings and lexical tokens. documents: text, title, spans."""
    inputs = [
        PassageText(header=passage_header(title, span.heading), text=span.span.of(text), sentences=())
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
                embedding=next(vectors).passage.astype("float16"),
            )
            for span in spans
        ]
        for _, _, spans in documents
    ]


def header_title(document: StoredDocument) -> str:
    """Return the title for the embedded header, "" if it is only the file name, which would be noise."""
    return "" if document.title == document.source else document.title


def passage_header(title: str, heading: str) -> str:
    """Return the context that is embedded before a passage's text."""
    return " > ".join(part for part in (title, heading) if part)


def analysed_text(header: str, text: str) -> str:
    """Return the text from which a passage's lexical tokens are extracted."""
    return f"{header}\n{text}"
