"""The store: one SQLite database that alone decides what exists. FAISS and tantivy are derived from it.

A document, its text, its passages and their vectors are written in one transaction, and each such
transaction leaves a row in the change log, by which the derived indexes catch up. Readers see the old or
the new state of a document, never half of one.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.errors import DocumentIdTaken, StoreUnavailable, UnknownDocument
from index.spec import IndexSpec
from index.sqlite import readable_errors, use_write_ahead_log
from index.types import Section, Span

T = TypeVar("T")

SCHEMA_VERSION = 1
TEXT_BLOCK_CHARS = 1 << 16  # a span of a very long text is read without reading the whole
_BUSY_S = 30  # another process's transaction is waited for
_MANY = 500  # bound variables in one statement; SQLite's old limit is 999

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    collection TEXT NOT NULL,
    origin TEXT NOT NULL,           -- where the file was read from; identity together with collection
    source TEXT NOT NULL,           -- path relative to the indexed folder, as shown to people
    title TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,           -- of the file's bytes
    characters INTEGER NOT NULL,
    modified_at TEXT NOT NULL,
    metadata TEXT NOT NULL,
    sections TEXT NOT NULL,
    pages TEXT NOT NULL,
    keep TEXT NOT NULL,             -- the spans worth indexing, so that passages can be made anew
    UNIQUE (collection, origin)
) STRICT;
CREATE INDEX documents_by_source ON documents (source);
CREATE TABLE text_blocks (
    document_id TEXT NOT NULL, block INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (document_id, block)
) STRICT, WITHOUT ROWID;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice, so a stale derived index cannot mislead
    document_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    heading TEXT NOT NULL,
    sentences BLOB NOT NULL,               -- int32 pairs: start, end of each sentence in the document
    tokens TEXT NOT NULL,                  -- words of the lexical index, joined by spaces
    embedding BLOB NOT NULL,               -- float16[dimension], length 1
    sentence_embeddings BLOB NOT NULL      -- float16[sentences, dimension], length 1 each
) STRICT;
CREATE INDEX passages_by_document ON passages (document_id, ordinal);
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    added INTEGER NOT NULL,                -- 1: passages came, 0: passages went
    first_passage INTEGER NOT NULL,
    end_passage INTEGER NOT NULL
) STRICT;
"""


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


class Access(Enum):
    """How a catalog is opened."""

    READ = "read"
    WRITE = "write"


class Catalog:
    """The documents, passages and vectors of one store. One connection a thread; safe to share."""

    def __init__(self, path: Path, access: Access = Access.WRITE) -> None:
        """Opens the store at `path`, making it when access is WRITE. Raises StoreUnavailable."""
        self.path = path
        self.access = access
        self._local = threading.local()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()
        with _readable_errors(path):
            if access is Access.WRITE:
                _make_folder(path.parent)
            elif not path.exists():
                raise StoreUnavailable(f"{path.parent}: no store here yet; make one with: inyong index PATH")
            try:
                self._check_schema()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Closes every connection."""
        with self._lock:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    def __enter__(self) -> "Catalog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Transactions

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent view of the store for everything read inside. May be nested."""
        with _readable_errors(self.path):
            connection = self._connect()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with _readable_errors(self.path):
            connection = self._connect()
            if getattr(self._local, "is_replacing", False):
                yield connection  # a part of `replacing_everything`, which ends it
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            try:
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    @contextmanager
    def replacing_everything(self) -> Iterator[None]:
        """Makes all writes inside one transaction: a store half of one embedding model must never be seen.

        Nobody else can write meanwhile; an interruption leaves everything as it was.
        """
        with self._writing():
            self._local.is_replacing = True
            try:
                yield
            finally:
                self._local.is_replacing = False

    # How the store was made

    def spec(self) -> IndexSpec | None:
        """How the store was made, or None while nothing has been indexed."""
        with self.reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'spec'").fetchone()
        return IndexSpec.from_json(row[0]) if row else None

    def save_spec(self, spec: IndexSpec) -> None:
        """Records how the store is made."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('spec', ?)", (spec.to_json(),))

    # Documents

    def put_document(
        self,
        document: StoredDocument,
        text: str,
        passages: Sequence[NewPassage],
        made_with: IndexSpec | None = None,
        *,
        is_new: bool = False,
    ) -> None:
        """Adds the document, or replaces the one with the same id or the same file, all or nothing.

        is_new: only the same file may be replaced; raises DocumentIdTaken when another has the id by now.
        Raises SpecMismatch when the store has another embedding model by now than `made_with`.
        """
        with self._writing() as connection:
            spec = self.spec()
            if made_with and spec:
                spec.require_same_embedding(made_with)
            same_file = connection.execute(
                "SELECT id FROM documents WHERE collection = ? AND origin = ?",
                (document.collection, document.origin),
            ).fetchone()
            if same_file:
                _delete_document(connection, same_file[0])
            if (
                is_new
                and connection.execute("SELECT 1 FROM documents WHERE id = ?", (document.id,)).fetchone()
            ):
                raise DocumentIdTaken(f"{document.id}: another document has this id")
            _delete_document(connection, document.id)
            _insert_document(connection, document, text)
            _insert_passages(connection, document.id, passages)

    def put_passages(self, document_id: str, passages: Sequence[NewPassage]) -> None:
        """Replaces a document's passages and leaves its text as it is."""
        with self._writing() as connection:
            _delete_passages(connection, document_id)
            _insert_passages(connection, document_id, passages)

    def put_words(self, document_id: str, words: Mapping[int, str]) -> None:
        """Replaces the lexical words of a document's passages, by passage id, joined by spaces."""
        if not words:
            return
        with self._writing() as connection:
            connection.executemany(
                "UPDATE passages SET tokens = ? WHERE id = ? AND document_id = ?",
                ((joined, passage_id, document_id) for passage_id, joined in words.items()),
            )
            _log_change(connection, added=True, first=min(words), end=max(words) + 1)

    def move_document(self, document_id: str, origin: str, modified_at: str) -> None:
        """Records that an unchanged document now lies at `origin`."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE documents SET origin = ?, modified_at = ? WHERE id = ?",
                (origin, modified_at, document_id),
            )

    def remove_document(self, document_id: str) -> None:
        """Forgets the document and everything derived from it; does nothing when it is not there."""
        with self._writing() as connection:
            _delete_document(connection, document_id)

    def documents(self, ids: Iterable[str] | None = None) -> list[StoredDocument]:
        """All documents by collection and source, or those of `ids` that exist."""
        columns = (
            "id, collection, origin, source, title, media_type, sha256, characters, modified_at, metadata,"
            " sections, pages, keep, (SELECT count(*) FROM passages WHERE document_id = documents.id)"
        )
        with self.reading() as connection:
            if ids is None:
                rows = connection.execute(
                    f"SELECT {columns} FROM documents ORDER BY collection, source"
                ).fetchall()
            else:
                rows = []
                for some in _batches(list(ids)):
                    rows += connection.execute(
                        f"SELECT {columns} FROM documents WHERE id IN ({_marks(some)})",
                        some,
                    ).fetchall()
        return [_stored_document(row) for row in rows]

    def find_document(self, name: str) -> StoredDocument:
        """The one document whose id, source or title is `name`. Raises UnknownDocument."""
        with self.reading() as connection:
            for column in ("id", "source", "title"):
                ids = [
                    row[0]
                    for row in connection.execute(
                        f"SELECT id FROM documents WHERE {column} = ?",
                        (name,),
                    )
                ]
                if len(ids) > 1:
                    raise UnknownDocument(
                        f"{name}: {len(ids)} documents have this {column}; name one by its id: "
                        + ", ".join(ids)
                    )
                if ids:
                    return self.documents(ids)[0]
        raise UnknownDocument(f"{name}: no such document; see them with: inyong list")

    def read_text(self, document_id: str, span: Span | None = None) -> str:
        """The stored text, or the part of it that `span` covers; empty for an unknown document."""
        first, last = 0, 1 << 40
        if span is not None:
            first, last = span.start // TEXT_BLOCK_CHARS, max(span.end - 1, 0) // TEXT_BLOCK_CHARS
        with self.reading() as connection:
            text = "".join(
                row[0]
                for row in connection.execute(
                    "SELECT text FROM text_blocks WHERE document_id = ? AND block BETWEEN ? AND ?"
                    " ORDER BY block",
                    (document_id, first, last),
                )
            )
        if span is None:
            return text
        offset = first * TEXT_BLOCK_CHARS
        return text[span.start - offset : span.end - offset]

    def select_documents(self, collections: Sequence[str], filters: Mapping[str, str]) -> set[str] | None:
        """Ids of the documents that searches may see; None when nothing is left out.

        filters: `source`, `title`, `media_type`, `id` or any metadata key must equal the value; `date`
        matches the metadata's date or the modified time by its beginning ("2026", "2026-01").
        """
        if not collections and not filters:
            return None
        conditions, values = ["1"], list[str]()
        if collections:
            conditions.append(f"collection IN ({_marks(collections)})")
            values += collections
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
                    "EXISTS (SELECT 1 FROM json_each(metadata) AS entry"
                    " WHERE entry.key = ? AND entry.value = ?)"
                )
                values += [key, value]
        with self.reading() as connection:
            rows = connection.execute(
                f"SELECT id FROM documents WHERE {' AND '.join(conditions)}",
                values,
            )
            return {row[0] for row in rows}

    # Passages

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """The passages of `ids` that exist, by id, with their text."""
        found: dict[int, StoredPassage] = {}
        with self.reading() as connection:
            for some in _batches(list(ids)):
                rows = connection.execute(
                    'SELECT id, document_id, ordinal, start, "end", heading, sentences, embedding,'
                    f" sentence_embeddings FROM passages WHERE id IN ({_marks(some)})",
                    some,
                ).fetchall()
                for row in rows:
                    passage = self._stored_passage(row)
                    found[passage.id] = passage
        return found

    def passage_at(self, document_id: str, position: int) -> StoredPassage | None:
        """The passage that covers this code point of the document, None where none does."""
        with self.reading() as connection:
            row = connection.execute(
                'SELECT id FROM passages WHERE document_id = ? AND start <= ? AND "end" > ? ORDER BY ordinal',
                (document_id, position, position),
            ).fetchone()
            return self.passages([row[0]]).get(row[0]) if row else None

    def embeddings(self, ids: Sequence[int]) -> dict[int, NDArray[np.float16]]:
        """Embeddings of the passages of `ids` that exist, by id."""
        found: dict[int, NDArray[np.float16]] = {}
        with self.reading() as connection:
            for some in _batches(list(ids)):
                for row in connection.execute(
                    f"SELECT id, embedding FROM passages WHERE id IN ({_marks(some)})",
                    some,
                ):
                    found[row[0]] = np.frombuffer(row[1], dtype=np.float16)
        return found

    def passage_ids(self, document_ids: Iterable[str]) -> list[int]:
        """Ids of all passages of the given documents."""
        ids: list[int] = []
        with self.reading() as connection:
            for some in _batches(list(document_ids)):
                ids += [
                    row[0]
                    for row in connection.execute(
                        f"SELECT id FROM passages WHERE document_id IN ({_marks(some)})",
                        some,
                    )
                ]
        return ids

    def vectors(self, first: int, end: int) -> Iterator[tuple[int, NDArray[np.float16]]]:
        """Id and embedding of the passages from `first` up to, not including, `end`, ascending."""
        with self.reading() as connection:
            for row in connection.execute(
                "SELECT id, embedding FROM passages WHERE id >= ? AND id < ? ORDER BY id", (first, end)
            ):
                yield row[0], np.frombuffer(row[1], dtype=np.float16)

    def tokens(self, first: int, end: int) -> Iterator[tuple[int, str, str, str]]:
        """Id, document id, lexical words, collection of the passages from `first` up to `end`, ascending."""
        with self.reading() as connection:
            yield from connection.execute(
                "SELECT passages.id, document_id, tokens, collection"
                " FROM passages JOIN documents ON documents.id = document_id"
                " WHERE passages.id >= ? AND passages.id < ? ORDER BY passages.id",
                (first, end),
            )

    def words(self, ids: Sequence[int]) -> dict[int, list[str]]:
        """Lexical words of the passages of `ids` that exist, by id."""
        found: dict[int, list[str]] = {}
        with self.reading() as connection:
            for some in _batches(list(ids)):
                rows = connection.execute(
                    f"SELECT id, tokens FROM passages WHERE id IN ({_marks(some)})", some
                )
                found |= {ident: tokens.split(" ") for ident, tokens in rows}
        return found

    def count_passages(self, collections: Sequence[str]) -> int:
        """How many passages these collections hold."""
        with self.reading() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM passages JOIN documents ON documents.id = document_id"
                f" WHERE collection IN ({_marks(collections)})",
                list(collections),
            ).fetchone()
        return int(count)

    # The change log

    def last_change(self) -> int:
        """Number of the newest change, 0 in a store nothing was ever written to."""
        with self.reading() as connection:
            row = connection.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()
        return int(row[0])

    def changes_since(self, seq: int) -> list[Change]:
        """Changes later than `seq`, oldest first."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT seq, added, first_passage, end_passage FROM changes WHERE seq > ? ORDER BY seq",
                (seq,),
            )
            return [Change(row[0], bool(row[1]), row[2], row[3]) for row in rows]

    def counts(self) -> tuple[int, int]:
        """Numbers of documents and passages."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)"
            ).fetchone()
        return int(row[0]), int(row[1])

    def check(self) -> str:
        """What SQLite finds wrong with the file, "" when it is whole. Reads all of it."""
        with self.reading() as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        return "" if found == "ok" else str(found)

    # Inside

    def _stored_passage(self, row: tuple[int, str, int, int, int, str, bytes, bytes, bytes]) -> StoredPassage:
        span = Span(row[3], row[4])
        pairs = np.frombuffer(row[6], dtype=np.int32).reshape(-1, 2)
        embedding = np.frombuffer(row[7], dtype=np.float16)
        return StoredPassage(
            id=row[0],
            document_id=row[1],
            ordinal=row[2],
            span=span,
            heading=row[5],
            text=self.read_text(row[1], span),
            sentences=tuple(Span(int(start), int(end)) for start, end in pairs),
            embedding=embedding,
            sentence_embeddings=np.frombuffer(row[8], dtype=np.float16).reshape(len(pairs), -1),
        )

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _open(self.path, self.access)
            self._local.connection = connection
            with self._lock:
                for ended in [thread for thread in self._connections if not thread.is_alive()]:
                    self._connections.pop(ended).close()
                self._connections[threading.current_thread()] = connection
        return connection

    def _check_schema(self) -> None:
        connection = self._connect()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            return
        if version != 0:
            raise StoreUnavailable(
                f"{self.path}: made by another version of Inyong (store format {version}, this one reads "
                f"{SCHEMA_VERSION}); index the documents again into a new --home"
            )
        if self.access is Access.READ:
            raise StoreUnavailable(f"{self.path}: the store is empty; fill it with: inyong index PATH")
        connection.execute("BEGIN IMMEDIATE")  # two first runs at once: one makes the tables, one finds them
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.commit()
        except BaseException:
            connection.rollback()
            raise


def _open(path: Path, access: Access) -> sqlite3.Connection:
    mode, is_reader_only = "rwc" if access is Access.WRITE else "rw", False
    if access is Access.READ and not os.access(path.parent, os.W_OK):
        is_reader_only = True
        # WAL needs a writable folder even to read, unless a writer keeps its log there at this moment.
        mode = "ro" if _has_pending_log(path) else "ro&immutable=1"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_S, check_same_thread=False
    )
    try:
        connection.isolation_level = None  # transactions are opened by hand
        if not is_reader_only:
            use_write_ahead_log(connection, _BUSY_S)
    except BaseException:
        connection.close()
        raise
    return connection


def _has_pending_log(path: Path) -> bool:
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except OSError:
        return False


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"{folder}: cannot make the store's folder ({error.strerror}); "
            "choose another with --home or INYONG_HOME"
        ) from error


def _readable_errors(path: Path) -> AbstractContextManager[None]:
    return readable_errors(path, when_damaged="move it away and index the documents again", busy_s=_BUSY_S)


def _insert_document(connection: sqlite3.Connection, document: StoredDocument, text: str) -> None:
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


def _insert_passages(
    connection: sqlite3.Connection, document_id: str, passages: Sequence[NewPassage]
) -> None:
    first = last = 0
    for ordinal, passage in enumerate(passages):
        pairs = np.array([[s.start, s.end] for s in passage.sentences], dtype=np.int32)
        cursor = connection.execute(
            'INSERT INTO passages (document_id, ordinal, start, "end", heading, sentences, tokens, embedding,'
            " sentence_embeddings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document_id,
                ordinal,
                passage.span.start,
                passage.span.end,
                passage.heading,
                pairs.tobytes(),
                passage.tokens,
                passage.embedding.astype(np.float16).tobytes(),
                passage.sentence_embeddings.astype(np.float16).tobytes(),
            ),
        )
        last = cursor.lastrowid or 0
        first = first or last
    if passages:
        _log_change(connection, added=True, first=first, end=last + 1)


def _delete_document(connection: sqlite3.Connection, document_id: str) -> None:
    _delete_passages(connection, document_id)
    connection.execute("DELETE FROM text_blocks WHERE document_id = ?", (document_id,))
    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))


def _delete_passages(connection: sqlite3.Connection, document_id: str) -> None:
    first, last = connection.execute(
        "SELECT min(id), max(id) FROM passages WHERE document_id = ?", (document_id,)
    ).fetchone()
    if first is not None:  # written in one transaction, so no other document's ids lie between
        connection.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
        _log_change(connection, added=False, first=first, end=last + 1)


def _log_change(connection: sqlite3.Connection, *, added: bool, first: int, end: int) -> None:
    connection.execute(
        "INSERT INTO changes (added, first_passage, end_passage) VALUES (?, ?, ?)", (int(added), first, end)
    )


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


def _batches(items: list[T]) -> Iterator[list[T]]:
    for at in range(0, len(items), _MANY):
        yield items[at : at + _MANY]


def _marks(items: Sequence[object]) -> str:
    return ", ".join("?" * len(items))
