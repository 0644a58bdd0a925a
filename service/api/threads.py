"""Threads for calls that block, so that the event loop does not; few, and few may wait for one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from service.turns import TooBusy

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """A pool of threads. `run` may be called in one event loop only."""

    def __init__(self, n_threads: int, *, places: int, name: str) -> None:
        """places: how many calls may run and wait together. name: what its threads' names begin with."""
        self._pool = ThreadPoolExecutor(n_threads, thread_name_prefix=name)
        self._places = places
        self._n_running = 0

    async def run(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Calls a function that blocks, in a thread that is kept. Raises TooBusy when too many wait."""
        if self._n_running >= self._places:
            raise TooBusy("too many requests are waiting; try again in a second", 1)
        self._n_running += 1
        try:
            loop = asyncio.get_running_loop()
            context = copy_context()  # with the request's id, for the log
            return await loop.run_in_executor(self._pool, lambda: context.run(function, *arguments, **named))
        finally:
            self._n_running -= 1

    def close(self) -> None:
        """Ends the threads; what waits for one is not called any more."""
        self._pool.shutdown(cancel_futures=True)
