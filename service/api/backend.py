"""The state that routes share, created once at startup."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, ParamSpec, TypeVar, cast

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from service.api.logs import AnswerLog
from service.api.metrics import Metrics
from service.api.rate_limit import RateLimiter
from service.inyong import Inyong, Notify
from service.question_queue.dispatcher import Dispatcher, open_dispatcher
from service.question_queue.fair_queue import FairQueue, TooBusy
from service.settings import Settings
from service.storage.answers import Archive
from service.storage.keys import Keys
from service.storage.uploads import Uploads

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 8  # for everything but answers and key checks: searches, documents
_KEY_THREADS = 2  # a check takes less than a millisecond and must not wait for a search
_MAX_WAITING = 256  # calls that wait for a thread


@dataclass(slots=True)
class Backend:
    """The dispatcher that answers questions, and the other state that routes share.

    Blocking calls other than answers go through `run`, so that they never wait for an answer.
    """

    dispatcher: Dispatcher
    keys: Keys
    rates: RateLimiter
    uploads: Uploads
    metrics: Metrics
    _threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_THREADS))
    _key_threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_KEY_THREADS))
    started_at: int = field(default_factory=lambda: int(time.time()))  # seconds since 1970
    _catching_up: asyncio.Future[bool] | None = None  # only touched in the event loop

    @property
    def settings(self) -> Settings:
        """The settings of the service."""
        return self.dispatcher.settings

    @property
    def inyong(self) -> Inyong:
        """The store and its models."""
        return self.dispatcher.inyong

    @property
    def queue(self) -> FairQueue:
        """The queue in front of the language model."""
        return self.dispatcher.queue

    @property
    def archive(self) -> Archive:
        """The stored answers."""
        return self.dispatcher.archive

    @property
    def is_loaded(self) -> bool:
        """Whether questions can be answered."""
        return self.dispatcher.is_loaded

    def load(self) -> None:
        """Load the models; takes seconds. Raises ModelUnavailable, SpecMismatch, StoreUnavailable."""
        self.dispatcher.load(then=self.uploads.start)

    async def run(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Run a blocking function in a thread. Raises TooBusy when too many calls wait for one."""
        return await _run(self._threads, partial(function, *arguments, **named))

    async def check_key(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Run a check of a key, in threads of their own. Raises TooBusy."""
        return await _run(self._key_threads, partial(function, *arguments, **named))

    async def catch_up(self) -> bool:
        """Synchronise the search indexes with the store; return whether they are up to date.

        May take long. Concurrent calls share one update, so that all of them, cancelled ones included, use
        a single thread: `run` has few. Raises StoreUnavailable.
        """
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.ensure_future(self.run(self.inyong.catch_up))
            # Retrieve an error that no caller awaited, or asyncio logs it; the next call meets it again.
            self._catching_up.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._catching_up)

    def close(self) -> None:
        """Stop answering and indexing, and close the store, after models that are being loaded."""
        self.dispatcher.stop()
        self.uploads.stop()
        self.keys.close()
        self.dispatcher.close()


async def _run(threads: CapacityLimiter, call: Callable[[], T]) -> T:
    if threads.statistics().tasks_waiting >= _MAX_WAITING:
        raise TooBusy("too many requests are waiting; try again in a second", 1)
    return await to_thread.run_sync(call, limiter=threads)


def open_backend(settings: Settings, notify: Notify) -> Backend:
    """Open the store, creating it if missing, and return the backend without loading a model."""
    metrics = Metrics()
    dispatcher = open_dispatcher(settings, notify, metrics, AnswerLog(settings.log_questions))
    backend = Backend(
        dispatcher=dispatcher,
        keys=Keys(settings.home),
        rates=RateLimiter(settings.requests_per_minute),
        uploads=Uploads(settings.home, dispatcher.inyong.catalog, dispatcher.inyong.indexer),
        metrics=metrics,
    )
    metrics.watch(backend)
    return backend


def backend_of(request: Request) -> Backend:
    """Return the backend of the app that received this request."""
    return cast(Backend, request.app.state.backend)


TheBackend = Annotated[Backend, Depends(backend_of)]
