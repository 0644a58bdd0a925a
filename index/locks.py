"""Locks: a readers-writer lock, and a mutual exclusion lock with first-in, first-out order."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event, Lock


class SharedLock:
    """A readers-writer lock; a waiting writer precedes new readers. Not reentrant."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._n_readers = 0
        self._n_waiting = 0
        self._is_written = False

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the lock together with other readers."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_written and not self._n_waiting)
            self._n_readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._n_readers -= 1
                self._changed.notify_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock exclusively."""
        with self._changed:
            self._n_waiting += 1
            try:
                self._changed.wait_for(lambda: not self._is_written and not self._n_readers)
            finally:
                self._n_waiting -= 1
                self._changed.notify_all()
            self._is_written = True
        try:
            yield
        finally:
            with self._changed:
                self._is_written = False
                self._changed.notify_all()


class InOrder:
    """A lock that threads acquire in first-in, first-out order.

    An ordinary lock could be reacquired again and again by the thread that indexes a long document, one batch
    after the other, while a question waits.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[Event] = deque()
        self._is_held = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._is_held:
                self._is_held = True
                return
            turn = Event()
            self._waiting.append(turn)
        turn.wait()

    def __exit__(self, *error: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()  # ownership passes to the next
            else:
                self._is_held = False
