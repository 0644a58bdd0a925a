"""What routes need, made once when the service starts."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, ParamSpec, TypeVar, cast

from fastapi import Depends, Request

from service.access import Caller
from service.api.counters import Metrics
from service.api.logs import log_answer, log_request
from service.api.observing import Observer, request_number
from service.api.threads import Threads
from service.api.tracing import Tracing, open_tracing
from service.api.wrong_keys import WrongKeys
from service.archive import Archive
from service.desk import Desk, open_desk
from service.inyong import Inyong, Notify
from service.keys import Keys
from service.rates import RateLimiter
from service.settings import Settings
from service.turns import FairTurns
from service.types import Answer
from service.uploads import Uploads

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 8  # for everything that is neither answering nor a key: searches, documents
_KEY_THREADS = 2  # one check takes less than a millisecond, and must not wait for any search
_PLACES = 256  # how much of either may run and wait


@dataclass(frozen=True, slots=True)
class ServiceRecords:
    """What the service counts, logs and traces of answers."""

    metrics: Metrics
    tracing: Tracing | None
    with_questions: bool

    def note_answer(self, answer: Answer, caller: Caller, waited_s: float) -> None:
        """One answer. waited_s: how long it waited for the model."""
        self.metrics.note_answer(answer, waited_s)
        log_answer(answer, caller.name, with_question=self.with_questions)
        number = request_number.get()
        if self.tracing and number:
            self.tracing.note_answer(number, answer, time.time_ns())

    def note_no_answer(self, *, abandoned: bool) -> None:
        """One question that got no answer."""
        self.metrics.note_no_answer(abandoned=abandoned)


@dataclass(slots=True)
class Backend:
    """The desk where questions are answered, and what else the routes need.

    Everything that blocks and is no answer goes through `run`, so that it never waits for one.
    """

    desk: Desk
    keys: Keys
    rates: RateLimiter
    wrong_keys: WrongKeys
    uploads: Uploads
    metrics: Metrics
    tracing: Tracing | None
    key_checks: Threads
    _others: Threads
    began_at: int = field(default_factory=lambda: int(time.time()))  # seconds since 1970
    _catching_up: asyncio.Future[bool] | None = None  # only touched in the event loop

    @property
    def settings(self) -> Settings:
        """How the service runs."""
        return self.desk.settings

    @property
    def inyong(self) -> Inyong:
        """The store and its models."""
        return self.desk.inyong

    @property
    def turns(self) -> FairTurns:
        """The queue in front of the language model."""
        return self.desk.turns

    @property
    def archive(self) -> Archive:
        """The answers that were given."""
        return self.desk.archive

    @property
    def is_loaded(self) -> bool:
        """Whether questions can be answered."""
        return self.desk.is_loaded

    def load(self) -> None:
        """Loads the models; takes seconds. Raises ModelUnavailable, SpecMismatch, StoreUnavailable."""
        self.desk.load(then=self.uploads.start)

    def observers(self) -> list[Observer]:
        """Who is told of every request that is over."""
        told: list[Observer] = [log_request, self.metrics.note_request]
        return [*told, self.tracing.note_request] if self.tracing else told

    async def run(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Calls a function that blocks, in a thread that is kept. Raises TooBusy when too many wait."""
        return await self._others.run(function, *arguments, **named)

    async def catch_up(self) -> bool:
        """Brings the search indexes in step with the store; whether they are. Raises StoreUnavailable.

        That may take long. Those who ask meanwhile wait for the same, so that all of them, with those who
        have given up waiting, take one thread: `run` has few.
        """
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.ensure_future(self.run(self.inyong.catch_up))
            # An error that nobody waited for is met again by the next who asks.
            self._catching_up.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._catching_up)

    def close(self) -> None:
        """Ends the threads and closes the store, after models that are just being loaded."""
        self.desk.stop()
        self.key_checks.close()
        self._others.close()
        self.uploads.stop()
        self.keys.close()
        self.desk.close()
        if self.tracing:
            self.tracing.close()


def open_backend(settings: Settings, notify: Notify) -> Backend:
    """The service's parts; opens the store, making it when there is none, and loads no model yet."""
    metrics, tracing = Metrics(), open_tracing()
    desk = open_desk(settings, notify, ServiceRecords(metrics, tracing, settings.log_questions))
    backend = Backend(
        desk=desk,
        keys=Keys(settings.home),
        rates=RateLimiter(settings.requests_per_minute),
        wrong_keys=WrongKeys(),
        uploads=Uploads(settings.home, desk.inyong.catalog, desk.inyong.indexer),
        metrics=metrics,
        tracing=tracing,
        key_checks=Threads(_KEY_THREADS, places=_PLACES, name="keys"),
        _others=Threads(_THREADS, places=_PLACES, name="serving"),
    )
    metrics.watch(backend)
    return backend


def backend_of(request: Request) -> Backend:
    """The backend of the app that this request came to."""
    return cast(Backend, request.app.state.backend)


TheBackend = Annotated[Backend, Depends(backend_of)]
