"""Multithreaded computations, all started from one thread.

OpenMP creates a team of threads for every thread that computes with it. Once these outnumber the processor
cores, they wait by sleeping instead of spinning, which slows a language model by a quarter (GCC's libgomp,
`gomp_throttled_spin_count_var`). A team ends with the thread it belongs to.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")


class OneThread:
    """A single worker thread that runs all calls in order."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    def call(self, work: Callable[[], T], *, give_up: Callable[[], None] | None = None) -> T:
        """Run `work` on the thread; return or raise its outcome.

        An interrupt (Ctrl-C) of the caller propagates at once; later calls wait for the abandoned work.
        give_up: called on an interrupt to end that work early.
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
