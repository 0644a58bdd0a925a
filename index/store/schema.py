"""The store's SQL schema and its version check."""

import sqlite3
from pathlib import Path

from index.errors import StoreUnavailable

SCHEMA_VERSION = 2

_PASSAGES = """
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice, so a stale derived index cannot mislead
    document_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    heading TEXT NOT NULL,
    sentences BLOB NOT NULL,               -- int32 pairs: start, end of each sentence in the document
    tokens TEXT NOT NULL,                  -- words of the lexical index, joined by spaces
    embedding BLOB NOT NULL                -- float16[dimension], length 1
) STRICT
"""
_PASSAGES_INDEX = "CREATE INDEX passages_by_document ON passages (document_id, ordinal)"
_SCHEMA = f"""
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
{_PASSAGES};
{_PASSAGES_INDEX};
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    added INTEGER NOT NULL,                -- 1: passages came, 0: passages went
    first_passage INTEGER NOT NULL,
    end_passage INTEGER NOT NULL
) STRICT;
"""


# The statements that make a store of each older version one of the next. Passages are copied, for SQLite's
# DROP COLUMN fails on comments in a table definition; the sequence is copied so that ids are never reused.
_MIGRATIONS = {
    1: (
        "DROP INDEX passages_by_document",
        "ALTER TABLE passages RENAME TO old_passages",
        _PASSAGES,
        'INSERT INTO passages SELECT id, document_id, ordinal, start, "end", heading, sentences, tokens, '
        "embedding FROM old_passages",
        "DELETE FROM sqlite_sequence WHERE name = 'passages'",
        "INSERT INTO sqlite_sequence SELECT 'passages', seq FROM sqlite_sequence WHERE name = 'old_passages'",
        "DROP TABLE old_passages",
        _PASSAGES_INDEX,
    )
}


def has_tables(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether the file has this version's schema, False for none or one that can be migrated.

    Raises StoreUnavailable for a schema of another version.
    """
    version = _version(connection)
    if version not in (0, *_MIGRATIONS, SCHEMA_VERSION):
        raise StoreUnavailable(
            f"{path}: made by another version of Inyong (store format {version}, this one reads "
            f"{SCHEMA_VERSION}); index the documents again into a new --home"
        )
    return bool(version == SCHEMA_VERSION)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Return whether the file has no schema yet."""
    return _version(connection) == 0


def make_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Create or migrate the tables, waiting if another process is doing so."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not has_tables(connection, path):
            version = _version(connection)
            steps = range(version, SCHEMA_VERSION) if version else ()
            migration = [statement for step in steps for statement in _MIGRATIONS[step]]
            for statement in migration or _SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
