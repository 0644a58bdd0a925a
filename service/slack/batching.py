"""Changes of one SQLite file, made by one thread; those that come together share a transaction.

A transaction that lasts waits for the disk, some milliseconds each. Shared, five hundred changes at once cost
a few of those waits, and whoever asked for a change hears of it only when it is on disk.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from service.database import Database

_MOST_AT_ONCE = 500

T = TypeVar("T")


@dataclass(slots=True)
class _Change:
    make: Callable[[sqlite3.Connection], Any]
    done: Future[Any] = field(default_factory=Future)


class Batching:
    """The one thread that changes and reads a file. Safe to share."""

    def __init__(self, database: Database) -> None:
        """Opens nothing yet."""
        self._database = database
        self._changes: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    async def do(self, make: Callable[[sqlite3.Connection], T]) -> T:
        """What `make` returns, once that is on disk. Raises StoreUnavailable, and what `make` raises."""
        change = _Change(make)
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="slack-ledger", daemon=True)
                self._thread.start()
            self._changes.put(change)
        result: T = await asyncio.wrap_future(change.done)
        return result

    def close(self) -> None:
        """Ends the thread, behind what is being changed, and closes the file."""
        with self._starting:
            if self._thread:
                self._changes.put(None)
                self._thread.join()
                self._thread = None
        self._database.close()

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            batch, goes_on = self._next_batch()
            self._make(batch)

    def _next_batch(self) -> tuple[list[_Change], bool]:
        """What is waiting, at least one change unless it is the end; whether there may be more."""
        batch: list[_Change] = []
        while change := self._changes.get():
            batch.append(change)
            if len(batch) == _MOST_AT_ONCE or self._changes.empty():  # nobody else takes from it
                return batch, True
        return batch, False

    def _make(self, batch: list[_Change]) -> None:
        """All of them in one transaction; a disk that fails, fails all of them."""
        batch = [change for change in batch if change.done.set_running_or_notify_cancel()]
        outcomes: list[tuple[Any, Exception | None]] = []
        try:
            with self._database.writing() as connection:
                outcomes = [_attempt(connection, change) for change in batch]
        except Exception as error:  # told to everybody who waits for one of these changes
            outcomes = [(None, error)] * len(batch)
        for change, (result, failure) in zip(batch, outcomes, strict=True):
            if failure:
                change.done.set_exception(failure)
            else:
                change.done.set_result(result)


def _attempt(connection: sqlite3.Connection, change: _Change) -> tuple[Any, Exception | None]:
    """What it returns or raises; one that raises has changed nothing. Raises what SQLite raises."""
    connection.execute("SAVEPOINT change")
    try:
        result = change.make(connection)
    except sqlite3.Error:
        raise
    except Exception as error:  # of this change alone
        connection.execute("ROLLBACK TO change")
        connection.execute("RELEASE change")
        return None, error
    connection.execute("RELEASE change")
    return result, None
