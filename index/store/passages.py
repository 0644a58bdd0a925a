"""The table of passages, with their lexical tokens and embeddings. The caller owns the transaction."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.store.changes import log_change
from index.store.documents import read_text
from index.store.lists import ANY_OF, as_list
from index.store.types import NewPassage, StoredPassage
from index.types import Span


def insert_passages(connection: sqlite3.Connection, document_id: str, passages: Sequence[NewPassage]) -> None:
    """Insert a document's passages, with consecutive ids."""
    first = last = 0
    for ordinal, passage in enumerate(passages):
        pairs = np.array([[s.start, s.end] for s in passage.sentences], dtype=np.int32)
        cursor = connection.execute(
            'INSERT INTO passages (document_id, ordinal, start, "end", heading, sentences, tokens, embedding)'
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document_id,
                ordinal,
                passage.span.start,
                passage.span.end,
                passage.heading,
                pairs.tobytes(),
                passage.tokens,
                passage.embedding.astype(np.float16).tobytes(),
            ),
        )
        last = cursor.lastrowid or 0
        first = first or last
    if passages:
        log_change(connection, added=True, first=first, end=last + 1)


def delete_passages(connection: sqlite3.Connection, document_id: str) -> None:
    """Delete a document's passages."""
    first, last = connection.execute(
        "SELECT min(id), max(id) FROM passages WHERE document_id = ?", (document_id,)
    ).fetchone()
    if first is not None:  # inserted in one transaction, so no other document's ids lie between
        connection.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
        log_change(connection, added=False, first=first, end=last + 1)


def replace_words(connection: sqlite3.Connection, document_id: str, words: Mapping[int, str]) -> None:
    """Replace lexical tokens of a document's passages. words: by passage id, space-joined; not empty."""
    connection.executemany(
        "UPDATE passages SET tokens = ? WHERE id = ? AND document_id = ?",
        ((joined, passage_id, document_id) for passage_id, joined in words.items()),
    )
    log_change(connection, added=True, first=min(words), end=max(words) + 1)


def read_passages(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, StoredPassage]:
    """Return the existing passages among `ids`, by id, with their text."""
    rows = connection.execute(
        'SELECT id, document_id, ordinal, start, "end", heading, sentences, embedding'
        f" FROM passages WHERE id IN {ANY_OF}",
        (as_list(ids),),
    ).fetchall()
    return {row[0]: _stored_passage(row, read_text(connection, row[1], Span(row[3], row[4]))) for row in rows}


def read_embeddings(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, NDArray[np.float16]]:
    """Return the embeddings of the existing passages among `ids`, by id."""
    rows = connection.execute(f"SELECT id, embedding FROM passages WHERE id IN {ANY_OF}", (as_list(ids),))
    return {ident: np.frombuffer(blob, dtype=np.float16) for ident, blob in rows}


def read_vectors(
    connection: sqlite3.Connection, first: int, end: int
) -> Iterator[tuple[int, NDArray[np.float16]]]:
    """Yield id and embedding of the passages in [first, end), ascending."""
    rows = connection.execute(
        "SELECT id, embedding FROM passages WHERE id >= ? AND id < ? ORDER BY id", (first, end)
    )
    for ident, blob in rows:
        yield ident, np.frombuffer(blob, dtype=np.float16)


def read_tokens(connection: sqlite3.Connection, first: int, end: int) -> Iterator[tuple[int, str, str, str]]:
    """Yield id, document id, lexical tokens and collection of the passages in [first, end), ascending."""
    yield from connection.execute(
        "SELECT passages.id, document_id, tokens, collection"
        " FROM passages JOIN documents ON documents.id = document_id"
        " WHERE passages.id >= ? AND passages.id < ? ORDER BY passages.id",
        (first, end),
    )


def read_words(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the lexical tokens of the existing passages among `ids`, by id."""
    rows = connection.execute(f"SELECT id, tokens FROM passages WHERE id IN {ANY_OF}", (as_list(ids),))
    return {ident: tokens.split(" ") for ident, tokens in rows}


def passage_ids(connection: sqlite3.Connection, document_ids: Iterable[str]) -> list[int]:
    """Return the ids of all passages of the given documents."""
    rows = connection.execute(
        f"SELECT id FROM passages WHERE document_id IN {ANY_OF}", (as_list(document_ids),)
    )
    return [row[0] for row in rows]


def all_passage_ids(connection: sqlite3.Connection) -> list[int]:
    """Return the ids of all passages, ascending."""
    return [row[0] for row in connection.execute("SELECT id FROM passages ORDER BY id")]


def count_passages(connection: sqlite3.Connection, collections: Sequence[str]) -> int:
    """Return the number of passages in these collections."""
    (count,) = connection.execute(
        "SELECT count(*) FROM passages JOIN documents ON documents.id = document_id"
        f" WHERE collection IN {ANY_OF}",
        (as_list(collections),),
    ).fetchone()
    return int(count)


def _stored_passage(row: Sequence[Any], text: str) -> StoredPassage:
    ident, document_id, ordinal, start, end, heading, sentences, embedding = row
    pairs = np.frombuffer(sentences, dtype=np.int32).reshape(-1, 2)
    return StoredPassage(
        id=ident,
        document_id=document_id,
        ordinal=ordinal,
        span=Span(start, end),
        heading=heading,
        text=text,
        sentences=tuple(Span(int(first), int(last)) for first, last in pairs),
        embedding=np.frombuffer(embedding, dtype=np.float16),
    )
