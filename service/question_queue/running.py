"""A running question: a worker thread answers it, and its progress is a stream of events."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress
from contextvars import copy_context
from time import monotonic

from service.answering.listener import Listener
from service.answering.pipeline import check_question
from service.answering.types import Request
from service.errors import AnswerTimeout
from service.question_queue.dispatcher import Dispatcher
from service.question_queue.events import Done, Event, Failed, Heartbeat, PassagesFound, Queued, QuoteFound
from service.question_queue.fair_queue import Stopping, Ticket
from service.storage.permissions import Caller

_log = logging.getLogger(__name__)

_GRACE_S = 5.0  # after the time limit, for a model that is deep in a prompt and cannot be stopped


class ClientGone(Exception):
    """The client no longer waits for this answer."""


class RunningQuestion:
    """A question with a place in the queue that is being answered."""

    def __init__(self, dispatcher: Dispatcher, request: Request, caller: Caller, ticket: Ticket) -> None:
        """Start at once. Must be created in the event loop that reads the events."""
        self._dispatcher = dispatcher
        self._request = request
        self._caller = caller
        self._ticket = ticket
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._client_gone = threading.Event()
        self._ends_at = monotonic() + dispatcher.settings.answer_seconds
        dispatcher.running.add(self)
        dispatcher.workers.submit(copy_context().run, self._answer)  # with the request's id, for the log

    @property
    def id(self) -> str:
        """Id of the answer to come."""
        return self._request.id

    async def events(self, beat_s: float = 10.0) -> AsyncGenerator[Event]:
        """Yield events up to Done or Failed; closing the iterator ends the answering.

        beat_s: seconds without another event after which a Heartbeat is yielded.
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
        """End the answering; the client has gone."""
        self._client_gone.set()
        self._dispatcher.running.discard(self)

    def interrupt(self) -> None:
        """End the answering and notify the client."""
        self._events.put_nowait(Failed(Stopping("the service was stopped before the answer was done")))
        self.leave()

    async def _next(self, beat_s: float) -> Event:
        left_s = self._ends_at + _GRACE_S - monotonic()
        try:
            return await asyncio.wait_for(self._events.get(), max(0.0, min(beat_s, left_s)))
        except TimeoutError:
            return Heartbeat() if left_s > beat_s else Failed(self._time_is_up())

    # In the worker thread

    def _answer(self) -> None:
        listener = Listener(
            on_passages=lambda hits: self._notify(PassagesFound(tuple(hits))),
            await_turn=self._await_turn,
            on_citation=lambda citation: self._notify(QuoteFound(citation)),
            on_progress=self._check,
        )
        try:
            with self._ticket:
                self._check()
                answer = self._dispatcher.inyong.answer(self._request, listener)
            self._dispatcher.store_answer(answer, self._caller, self._request.history)
            for recorder in self._dispatcher.recorders:
                recorder.note_answer(answer, self._caller)
            self._notify(Done(answer))
        except ClientGone:
            self._note_no_answer(abandoned=True)
            _log.info("the client of answer %s has gone", self.id)
        except Exception as error:  # the outermost edge of this thread: every error goes to the client
            self._note_no_answer(abandoned=False)
            self._notify(Failed(error))

    def _note_no_answer(self, *, abandoned: bool) -> None:
        for recorder in self._dispatcher.recorders:
            recorder.note_no_answer(abandoned=abandoned)

    def _await_turn(self) -> None:
        self._ticket.wait(lambda n: self._notify(Queued(n)), self._check)

    def _check(self) -> None:
        """Raise what ends an answer early."""
        if self._client_gone.is_set():
            raise ClientGone
        if monotonic() > self._ends_at:
            raise self._time_is_up()

    def _notify(self, event: Event) -> None:
        with suppress(RuntimeError):  # the loop is gone, and the client with it
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    def _time_is_up(self) -> AnswerTimeout:
        seconds = self._dispatcher.settings.answer_seconds
        return AnswerTimeout(
            f"the answer was not done within {seconds} seconds; try again when less is asked"
        )


def start_question(dispatcher: Dispatcher, request: Request, caller: Caller) -> RunningQuestion:
    """Reserve a place and start answering. Raises BadQuestion, StillLoading, Stopping, TooBusy."""
    check_question(request.question)
    dispatcher.require_loaded()
    return RunningQuestion(dispatcher, request, caller, dispatcher.queue.reserve(caller.id))
