"""The tables of documents and their texts. The caller owns the transaction."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from index.errors import UnknownDocument
from index.store.lists import ANY_OF, as_list
from index.store.types import StoredDocument
from index.types import Section, Span

TEXT_BLOCK_CHARS = 1 << 16  # so that a span of a very long text is read without the rest

_COLUMNS = (
    "id, collection, origin, source, title, media_type, sha256, characters, modified_at, metadata,"
    " sections, pages, keep, (SELECT count(*) FROM passages WHERE document_id = documents.id)"
)


def insert_document(connection: sqlite3.Connection, document: StoredDocument, text: str) -> None:
    """Insert a document and its text."""
    connection.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.id,
            document.collection,
            document.origin,
            document.source,
            document.title,
            document.media_type,
            document.sha256,
            len(text),
            document.modified_at,
            json.dumps(dict(document.metadata), ensure_ascii=False),
            json.dumps(
                [[section.start, section.heading] for section in document.sections], ensure_ascii=False
            ),
            json.dumps(document.pages),
            json.dumps([[span.start, span.end] for span in document.keep]),
        ),
    )
    blocks = range(0, len(text), TEXT_BLOCK_CHARS)
    connection.executemany(
        "INSERT INTO text_blocks VALUES (?, ?, ?)",
        ((document.id, number, text[at : at + TEXT_BLOCK_CHARS]) for number, at in enumerate(blocks)),
    )


def delete_document(connection: sqlite3.Connection, document_id: str) -> None:
    """Delete a document and its text, but not its passages."""
    connection.execute("DELETE FROM text_blocks WHERE document_id = ?", (document_id,))
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))


def read_documents(connection: sqlite3.Connection, ids: Iterable[str] | None) -> list[StoredDocument]:
    """Return all documents by collection and source, or the existing ones among `ids`."""
    if ids is None:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM documents ORDER BY collection, source")
    else:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM documents WHERE id IN {ANY_OF}", (as_list(ids),))
    return [_stored_document(row) for row in rows]


def id_of_file(connection: sqlite3.Connection, collection: str, origin: str) -> str | None:
    """Return the id of the document from this file in this collection, or None."""
    row = connection.execute(
        "SELECT id FROM documents WHERE collection = ? AND origin = ?", (collection, origin)
    ).fetchone()
    return str(row[0]) if row else None


def id_of(connection: sqlite3.Connection, name: str) -> str:
    """Resolve an id, source or title to a document id. Raises UnknownDocument if none or several match."""
    for column in ("id", "source", "title"):
        rows = connection.execute(f"SELECT id FROM documents WHERE {column} = ?", (name,))
        ids = [str(row[0]) for row in rows]
        if len(ids) > 1:
            raise UnknownDocument(
                f"{name}: {len(ids)} documents have this {column}; name one by its id: " + ", ".join(ids)
            )
        if ids:
            return ids[0]
    raise UnknownDocument(f"{name}: no such document; see them with: inyong list")


def read_text(connection: sqlite3.Connection, document_id: str, span: Span | None = None) -> str:
    """Return the stored text, or the part that `span` covers; empty for an unknown document."""
    first, last = 0, 1 << 40
    if span is not None:
        first, last = span.start // TEXT_BLOCK_CHARS, max(span.end - 1, 0) // TEXT_BLOCK_CHARS
    rows = connection.execute(
        "SELECT text FROM text_blocks WHERE document_id = ? AND block BETWEEN ? AND ? ORDER BY block",
        (document_id, first, last),
    )
    text = "".join(row[0] for row in rows)
    if span is None:
        return text
    offset = first * TEXT_BLOCK_CHARS
    return text[span.start - offset : span.end - offset]


def select_ids(
    connection: sqlite3.Connection, collections: Sequence[str], filters: Mapping[str, str]
) -> set[str]:
    """Return the ids of the documents in these collections (empty: all) that pass the filters."""
    conditions, values = ["1"], list[str]()
    if collections:
        conditions.append(f"collection IN {ANY_OF}")
        values.append(as_list(collections))
    for key, value in filters.items():
        if key in ("id", "collection", "source", "title", "media_type"):
            conditions.append(f"{key} = ?")
            values.append(value)
        elif key == "date":
            conditions.append(
                "substr(coalesce(json_extract(metadata, '$.date'), modified_at), 1, length(?)) = ?"
            )
            values += [value, value]
        else:
            conditions.append(
                "EXISTS (SELECT 1 FROM json_each(metadata) AS entry WHERE entry.key = ? AND entry.value = ?)"
            )
            values += [key, value]
    rows = connection.execute(f"SELECT id FROM documents WHERE {' AND '.join(conditions)}", values)
    return {row[0] for row in rows}


def _stored_document(row: Sequence[object]) -> StoredDocument:
    (ident, collection, origin, source, title, media_type, sha256, characters, modified_at) = row[:9]
    metadata, sections, pages, keep, n_passages = row[9:]
    return StoredDocument(
        id=str(ident),
        collection=str(collection),
        origin=str(origin),
        source=str(source),
        title=str(title),
        media_type=str(media_type),
        sha256=str(sha256),
        characters=int(str(characters)),
        modified_at=str(modified_at),
        metadata=json.loads(str(metadata)),
        sections=tuple(Section(start, heading) for start, heading in json.loads(str(sections))),
        pages=tuple(json.loads(str(pages))),
        keep=tuple(Span(start, end) for start, end in json.loads(str(keep))),
        n_passages=int(str(n_passages)),
    )
