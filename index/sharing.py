"""A lock that many may hold who read, or one who changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class SharedLock:
    """Readers together or one writer alone; a waiting writer goes before new readers. Not to be nested."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._n_readers = 0
        self._n_waiting = 0
        self._is_written = False

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Held by any number at once."""
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
        """Held by one, while nobody reads."""
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
