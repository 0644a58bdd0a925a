"""One question on its way: a worker thread answers it, and what happens comes out as a stream of events."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress
from contextvars import copy_context
from time import monotonic

from service.access import Caller
from service.answer import Request, checked_question
from service.asking_events import Beat, Cited, Delta, Done, Event, Failed, Found, Queued
from service.desk import Desk
from service.errors import AnsweringError
from service.listener import Listener
from service.turns import Stopping, Ticket

_log = logging.getLogger(__name__)

_LATEST_WORD_S = 5.0  # behind the time limit, for a model that is deep in a prompt and cannot be stopped


class TimeIsUp(AnsweringError):
    """The answer took longer than the settings allow."""


class Abandoned(Exception):
    """Nobody waits for this answer any more."""


class Asking:
    """A question that has its place in the queue and is being answered."""

    def __init__(self, desk: Desk, request: Request, caller: Caller, ticket: Ticket) -> None:
        """Begins at once. Must be made in the event loop that reads the events."""
        self._desk = desk
        self._request = request
        self._caller = caller
        self._ticket = ticket
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._nobody_waits = threading.Event()
        self._waited_s = 0.0
        self._ends_at = monotonic() + desk.settings.answer_seconds
        desk.askings.add(self)
        desk.askers.submit(copy_context().run, self._answer)  # with the request's id, for the log

    @property
    def id(self) -> str:
        """Of the answer to come."""
        return self._request.id

    async def events(self, beat_s: float = 10.0) -> AsyncGenerator[Event]:
        """What happens, to the last event; closing this iterator ends the answering.

        beat_s: a Beat comes after so many seconds without anything else.
        """
        try:
            while True:
                event = await self._next(beat_s)
                yield event
                if isinstance(event, Done | Failed):
                    return
        finally:
            self.leave()

    def leave(self) -> None:
        """Ends the answering; nobody waits for it any more."""
        self._nobody_waits.set()
        self._desk.askings.discard(self)

    def interrupt(self) -> None:
        """Ends the answering, and says so to whoever waits."""
        self._events.put_nowait(Failed(Stopping("the service was stopped before the answer was done")))
        self.leave()

    async def _next(self, beat_s: float) -> Event:
        left_s = self._ends_at + _LATEST_WORD_S - monotonic()
        try:
            return await asyncio.wait_for(self._events.get(), max(0.0, min(beat_s, left_s)))
        except TimeoutError:
            return Beat() if left_s > beat_s else Failed(self._time_is_up())

    # In the worker thread

    def _answer(self) -> None:
        listener = Listener(
            on_passages=lambda hits: self._tell(Found(tuple(hits))),
            await_turn=self._await_turn,
            on_text=lambda text: self._tell(Delta(text)),
            on_citation=lambda citation: self._tell(Cited(citation)),
            on_progress=self._check,
        )
        try:
            with self._ticket:
                self._check()
                answer = self._desk.inyong.answer(self._request, listener)
            self._desk.keep(answer, self._caller, self._request.history)
            self._desk.records.note_answer(answer, self._caller, self._waited_s)
            self._tell(Done(answer))
        except Abandoned:
            self._desk.records.note_no_answer(abandoned=True)
            _log.info("nobody waits for the answer %s any more", self.id)
        except Exception as error:  # the outermost edge of this thread: every error goes to whoever asked
            self._desk.records.note_no_answer(abandoned=False)
            self._tell(Failed(error))

    def _await_turn(self) -> None:
        began = monotonic()
        self._ticket.wait(lambda n: self._tell(Queued(n)), self._check)
        self._waited_s = monotonic() - began

    def _check(self) -> None:
        """Raises what ends an answer early."""
        if self._nobody_waits.is_set():
            raise Abandoned
        if monotonic() > self._ends_at:
            raise self._time_is_up()

    def _tell(self, event: Event) -> None:
        with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    def _time_is_up(self) -> TimeIsUp:
        seconds = self._desk.settings.answer_seconds
        return TimeIsUp(f"the answer was not done within {seconds} seconds; try again when less is asked")


def start_asking(desk: Desk, request: Request, caller: Caller) -> Asking:
    """The question, on its way. Raises BadQuestion, StillLoading, Stopping, and TooBusy beyond the bound."""
    checked_question(request.question)
    desk.require_loaded()
    return Asking(desk, request, caller, desk.turns.reserve(caller.id))
