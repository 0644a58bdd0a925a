"""The store's tables, and whether a file has them."""

import sqlite3
from pathlib import Path

from index.errors import StoreUnavailable

SCHEMA_VERSION = 1

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


def has_tables(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables are there; False for an empty file. Raises StoreUnavailable for other tables."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, SCHEMA_VERSION):
        raise StoreUnavailable(
            f"{path}: made by another version of Inyong (store format {version}, this one reads "
            f"{SCHEMA_VERSION}); index the documents again into a new --home"
        )
    return bool(version)


def make_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Makes the tables, unless another process is just doing the same: then it is waited for."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not has_tables(connection, path):
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
