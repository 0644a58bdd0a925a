"""What routes need, made once when the service starts."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Annotated, ParamSpec, Protocol, TypeVar, cast

from fastapi import Depends, Request

from index.errors import StoreUnavailable
from service.access import Caller
from service.api.counters import Metrics
from service.api.logs import log_answer, log_request
from service.api.observing import Observer, request_id
from service.api.tracing import Tracing, open_tracing
from service.archive import Archive
from service.errors import AnsweringError
from service.inyong import Inyong, Notify
from service.keys import Keys
from service.rates import RateLimiter
from service.settings import Settings
from service.turns import FairTurns, Stopping, TooBusy
from service.types import Answer, Turn
from service.uploads import Uploads

_log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 8  # for everything that is not answering: searches, documents, keys
_PLACES = 256  # how much of that may wait


class Interruptible(Protocol):
    """Something that runs, and can be told to end."""

    def interrupt(self) -> None:
        """Ends it, and says so to whoever waits."""


class StillLoading(AnsweringError):
    """The models are being loaded."""


@dataclass(slots=True)
class Backend:
    """The store, its models and the queue in front of them, shared by all requests.

    askers: threads in which questions are answered, one for each place in the queue. Everything else that
    blocks goes through `run`, so that it never waits for an answer. askings: questions being answered.
    """

    settings: Settings
    inyong: Inyong
    turns: FairTurns
    askers: ThreadPoolExecutor
    keys: Keys
    rates: RateLimiter
    archive: Archive
    uploads: Uploads
    _others: ThreadPoolExecutor
    began_at: int = field(default_factory=lambda: int(time.time()))  # seconds since 1970
    askings: set[Interruptible] = field(default_factory=set)  # only touched in the event loop
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing | None = None
    _loaded: threading.Event = field(default_factory=threading.Event)
    _loading: threading.Lock = field(default_factory=threading.Lock)
    _n_running: int = 0  # only touched in the event loop
    _catching_up: asyncio.Future[bool] | None = None  # only touched in the event loop

    @property
    def is_loaded(self) -> bool:
        """Whether questions can be answered."""
        return self._loaded.is_set()

    def load(self) -> None:
        """Loads the models; takes seconds. Raises ModelUnavailable, SpecMismatch, StoreUnavailable."""
        with self._loading:
            self.inyong.prepare()
        self.uploads.start()
        self._forget_old_answers()
        self._loaded.set()

    def require_loaded(self) -> None:
        """Raises StillLoading while questions cannot be answered yet, Stopping when no longer."""
        if self.turns.is_closed:
            raise Stopping("the service is being stopped; try again in a moment")
        if not self.is_loaded:
            raise StillLoading("the models are still being loaded; try again in a few seconds")

    def keep(self, answer: Answer, caller: Caller, history: Sequence[Turn]) -> None:
        """Keeps an answer. Blocks; when it cannot be kept it is given all the same, and the log says why."""
        try:
            self.archive.keep(answer, caller, history=history, index=self.inyong.index_version())
        except StoreUnavailable as error:
            _log.error("an answer could not be kept: %s", error)

    def note_answer(self, answer: Answer, caller: Caller, waited_s: float) -> None:
        """Counts and logs an answer. waited_s: how long it waited for the model."""
        self.metrics.note_answer(answer, waited_s)
        log_answer(answer, caller.name, with_question=self.settings.log_questions)
        if self.tracing:
            self.tracing.note_answer(request_id.get(), answer, time.time_ns())

    def observers(self) -> list[Observer]:
        """Who is told of every request that is over."""
        told: list[Observer] = [log_request, self.metrics.note_request]
        return [*told, self.tracing.note_request] if self.tracing else told

    def _forget_old_answers(self) -> None:
        """At the start; from then on whenever an answer is kept."""
        try:
            self.archive.purge()
        except StoreUnavailable as error:
            _log.error("old answers could not be forgotten: %s", error)

    async def run(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Calls a function that blocks, in a thread that is kept. Raises TooBusy when too many wait."""
        if self._n_running >= _PLACES:
            raise TooBusy("too many requests are waiting; try again in a second", 1)
        self._n_running += 1
        try:
            loop = asyncio.get_running_loop()
            context = copy_context()  # with the request's id, for the log
            return await loop.run_in_executor(
                self._others, lambda: context.run(function, *arguments, **named)
            )
        finally:
            self._n_running -= 1

    async def catch_up(self) -> bool:
        """Brings the search indexes in step with the store; whether they are. Raises StoreUnavailable.

        That may take long. Those who ask meanwhile wait for the same, so that all of them, with those who
        have given up waiting, take one thread: `run` has few, and every request needs one to show its key.
        """
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.ensure_future(self.run(self.inyong.catch_up))
            # An error that nobody waited for is met again by the next who asks.
            self._catching_up.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._catching_up)

    def interrupt(self) -> None:
        """Ends every answer that is still being made; to be called in the event loop."""
        for asking in list(self.askings):
            asking.interrupt()

    def close(self) -> None:
        """Ends the threads and closes the store, after models that are just being loaded."""
        self.turns.close()
        with self._loading:
            self._loaded.clear()
        for pool in (self.askers, self._others):
            pool.shutdown(cancel_futures=True)
        self.uploads.stop()
        self.keys.close()
        self.archive.close()
        self.inyong.close()
        if self.tracing:
            self.tracing.close()


def open_backend(settings: Settings, notify: Notify) -> Backend:
    """The service's parts; opens the store, making it when there is none, and loads no model yet."""
    inyong = Inyong(settings=settings, notify=notify, may_be_empty=True)
    inyong.catalog()
    turns = FairTurns(slots=settings.contexts, places=settings.queue_length)
    backend = Backend(
        settings=settings,
        inyong=inyong,
        turns=turns,
        askers=ThreadPoolExecutor(turns.n_places, thread_name_prefix="asking"),
        keys=Keys(settings.home),
        rates=RateLimiter(settings.requests_per_minute),
        archive=Archive(settings.home, settings.answer_days),
        uploads=Uploads(settings.home, inyong.catalog, inyong.indexer),
        tracing=open_tracing(),
        _others=ThreadPoolExecutor(_THREADS, thread_name_prefix="serving"),
    )
    backend.metrics.watch(backend)
    return backend


def backend_of(request: Request) -> Backend:
    """The backend of the app that this request came to."""
    return cast(Backend, request.app.state.backend)


TheBackend = Annotated[Backend, Depends(backend_of)]
