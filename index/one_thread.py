"""Calls that compute with many threads, made from one thread.

OpenMP keeps a team of threads for every thread that ever computed with it. Once there are more of them than
processor cores, each waits for the others by sleeping instead of spinning, which makes a language model
write a quarter slower (GCC's libgomp, `gomp_throttled_spin_count_var`). A team ends with its thread.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")


class OneThread:
    """A thread that makes every call, one after another in the order in which they came."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    def call(self, work: Callable[[], T], *, give_up: Callable[[], None] | None = None) -> T:
        """What `work` returns or raises.

        An interrupt (Ctrl-C) of the caller is passed on at once; what is called next waits for the work that
        was left behind. give_up: called then, to end that early.
        """
        future = self._pool.submit(copy_context().run, work)
        try:
            return future.result()
        finally:
            if not future.done() and not future.cancel() and give_up:
                give_up()

    def __enter__(self) -> "OneThread":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=error is None)
