"""Read and write a SQLite file of the service: keys, answers, uploads. Each change is a short transaction.

The document store is another file with its own class (`index.store`): it can be replaced without losing
any of these, and searched while these are written.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from index.errors import StoreUnavailable
from index.store.sqlite import readable_errors, use_write_ahead_log

_BUSY_S = 5  # no transaction here takes long, and a request must not wait half a minute
_MADE_BY_ANOTHER = "made by another version of Inyong (format {found}, this one reads {known})"


class Database:
    """A SQLite file, opened on first use. One connection behind a lock; thread-safe."""

    def __init__(self, path: Path, schema: str, *, version: int, when_damaged: str) -> None:
        """Defer opening the file to first use.

        schema: statements that create the tables, each ending with a semicolon at the end of a line.
        when_damaged: advice to the user if the file is not a valid database.
        """
        self.path = path
        self._schema = schema
        self._version = version
        self._when_damaged = when_damaged
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def exists(self) -> bool:
        """Return whether there is anything to read; the first change creates the file."""
        return self._connection is not None or self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection with a consistent snapshot. Raises StoreUnavailable."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection for one atomic change, on disk when the block ends. Raises StoreUnavailable."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def scrub(self) -> None:
        """Remove deleted data from the write-ahead log too; readers in other processes may delay it.

        The file itself needs no scrubbing: with secure_delete, deletions overwrite the data.
        """
        with self._lock, self._readable_errors():
            connection = self._connection = self._connection or self._open()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file."""
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
            # Key hashes and questions must not be readable by other users of this machine.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreUnavailable(f"{self.path}: cannot be opened ({error.strerror})") from error
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, check_same_thread=False)
        try:
            connection.isolation_level = None  # transactions are begun explicitly
            connection.execute("PRAGMA auto_vacuum = FULL")  # deletions give their space back to the disk
            use_write_ahead_log(connection, _BUSY_S)
            connection.execute("PRAGMA secure_delete = ON")  # overwrite deleted data
            self._make_tables(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")  # of two concurrent first uses, one creates the tables
        try:
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            if found not in (0, self._version):
                reason = _MADE_BY_ANOTHER.format(found=found, known=self._version)
                raise StoreUnavailable(f"{self.path}: {reason}; {self._when_damaged}")
            if found == 0:
                for statement in self._schema.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {self._version}")
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
