"""One SQLite file of the service: keys, kept answers, uploads. Each change is one short transaction.

The documents' store is another file, with a class of its own (`index.catalog`): it may be replaced without
losing any of these, and is searched while these are written.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from index.errors import StoreUnavailable
from index.sqlite import readable_errors, use_write_ahead_log

_BUSY_S = 5  # no transaction here takes long; a request must not wait for half a minute
_MADE_BY_ANOTHER = "made by another version of Inyong (format {found}, this one reads {known})"


class Database:
    """A file of tables, opened when first needed. One connection behind a lock: safe to share."""

    def __init__(self, path: Path, schema: str, *, version: int, when_damaged: str) -> None:
        """Opens nothing yet.

        schema: statements that make the tables, each ended by a semicolon at the end of its line.
        when_damaged: what a user may do with a file that is no database any more.
        """
        self.path = path
        self._schema = schema
        self._version = version
        self._when_damaged = when_damaged
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def exists(self) -> bool:
        """Whether there is anything to read: nothing makes the file but the first change."""
        return self._connection is not None or self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent view. Raises StoreUnavailable."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One change, all of it or nothing; on disk when this ends. Raises StoreUnavailable."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def scrub(self) -> None:
        """Takes what was deleted out of the write-ahead log, too; readers in other processes may put it off.

        In the file itself a deletion overwrites what it deletes, from the first one on.
        """
        with self._lock, self._readable_errors():
            connection = self._connection = self._connection or self._open()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._connection:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, self._readable_errors():
            connection = self._connection = self._connection or self._open()
            connection.execute(begin)
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def _readable_errors(self) -> AbstractContextManager[None]:
        return readable_errors(self.path, when_damaged=self._when_damaged, busy_s=_BUSY_S)

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Keys' hashes and people's questions are nobody else's on this machine.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreUnavailable(f"{self.path}: cannot be opened ({error.strerror})") from error
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, check_same_thread=False)
        try:
            connection.isolation_level = None  # transactions are opened by hand
            use_write_ahead_log(connection, _BUSY_S)
            connection.execute("PRAGMA secure_delete = ON")  # forgotten means gone from the file
            self._make_tables(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")  # of two first openings one makes the tables
        try:
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            if found not in (0, self._version):
                made = _MADE_BY_ANOTHER.format(found=found, known=self._version)
                raise StoreUnavailable(f"{self.path}: {made}; {self._when_damaged}")
            if found == 0:
                for statement in self._schema.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {self._version}")
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
