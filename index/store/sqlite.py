"""Common to all SQLite files: write-ahead logging, and errors as one sentence."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import StoreUnavailable

_RETRY_S = 0.02


def use_write_ahead_log(connection: sqlite3.Connection, busy_s: float) -> None:
    """Allow reads during a write, and make acknowledged writes survive a power cut.

    When several connections first open a file at once, SQLite rejects all but one immediately, whatever their
    timeouts, so this retries for `busy_s` seconds.
    """
    last_try = time.monotonic() + busy_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > last_try:
                raise
            time.sleep(_RETRY_S)
    connection.execute("PRAGMA synchronous = FULL")


@contextmanager
def readable_errors(path: Path, *, when_damaged: str, busy_s: float) -> Iterator[None]:
    """Raise StoreUnavailable for SQLite errors on the file at `path`.

    when_damaged: advice for a file that is no longer a database. busy_s: timeout in seconds, for the message.
    """
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        advice = next(
            (words for code, words in _ADVICE if name.startswith(code)),
            f"the store cannot be used ({error}); run: inyong doctor",
        )
        raise StoreUnavailable(
            f"{path}: {advice.format(when_damaged=when_damaged, busy_s=f'{busy_s:g}')}"
        ) from error


_ADVICE = (
    ("SQLITE_FULL", "the disk is full; nothing was lost, free some space and run the same command again"),
    ("SQLITE_READONLY", "the store is read-only; allow writing to it or choose another --home"),
    (
        "SQLITE_CANTOPEN",
        "the store cannot be opened; check that the folder exists and may be read and written",
    ),
    (
        "SQLITE_BUSY",
        "another process has been writing to the store for {busy_s} seconds; try again when it is done",
    ),
    ("SQLITE_NOTADB", "this file is not an Inyong store, or it is damaged; {when_damaged}"),
    ("SQLITE_CORRUPT", "the store is damaged; {when_damaged}"),
    ("SQLITE_IOERR", "the disk could not be read or written; check it, then run: inyong doctor"),
)
