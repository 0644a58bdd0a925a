"""The store's SQLite file: access modes, one connection per thread, transactions."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from index.errors import StoreUnavailable
from index.store.schema import has_tables, is_empty, make_tables
from index.store.sqlite import readable_errors, use_write_ahead_log

_BUSY_S = 30  # how long to wait for another process's transaction


class Access(Enum):
    """Access mode of a catalog."""

    READ = "read"
    WRITE = "write"


class StoreFile:
    """The open SQLite file of a store. One connection per thread; thread-safe."""

    def __init__(self, path: Path, access: Access = Access.WRITE) -> None:
        """Open the store at `path`, creating it if access is WRITE. Raises StoreUnavailable."""
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
                self._require_tables()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Run the block in one read transaction, a consistent snapshot. May be nested."""
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
                yield connection  # `replacing_everything` ends the transaction
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
        """Run all writes of the block in one transaction, which blocks other writers.

        Readers never see embeddings of two models; an interruption rolls everything back.
        """
        with self._writing():
            self._local.is_replacing = True
            try:
                yield
            finally:
                self._local.is_replacing = False

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

    def _require_tables(self) -> None:
        connection = self._connect()
        if has_tables(connection, self.path):
            return
        if self.access is Access.READ and is_empty(connection):
            raise StoreUnavailable(f"{self.path}: the store is empty; fill it with: inyong index PATH")
        try:
            make_tables(connection, self.path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            raise StoreUnavailable(
                f"{self.path}: made by an older version of Inyong, and cannot be converted here ({error}); "
                "run inyong status once where its folder can be written"
            ) from error


def _open(path: Path, access: Access) -> sqlite3.Connection:
    mode, is_reader_only = "rwc" if access is Access.WRITE else "rw", False
    if access is Access.READ and not os.access(path.parent, os.W_OK):
        is_reader_only = True
        # Even reading in WAL mode needs a writable folder, unless a writer's log is there already.
        mode = "ro" if _has_pending_log(path) else "ro&immutable=1"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_S, check_same_thread=False
    )
    try:
        connection.isolation_level = None  # transactions are explicit
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
