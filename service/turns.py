"""Turns at the language model: a bounded queue, served round robin between callers.

Pure threading; knows nothing of questions or HTTP. Whoever wants the model reserves a place, waits for the
turn, and gives the place back.
"""

import math
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

from service.errors import AnsweringError

_FIRST_GUESS_S = 5.0  # how long a turn takes before any has been measured
_REMEMBERED = 20  # turns that the estimate is made from
_CHECK_EVERY_S = 0.25  # how soon a waiting question notices that nobody wants its answer any more
_LONGEST_RETRY_S = 600


class TooBusy(AnsweringError):
    """The queue is full, or this caller has its share of it already. retry_after_s: when to try again."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Stopping(AnsweringError):
    """The service is being stopped and takes no new work."""


class FairTurns:
    """A bounded queue in front of the model."""

    def __init__(self, *, slots: int = 1, places: int = 32) -> None:
        """slots: how many may use the model at once; places: how many more may wait."""
        self._slots = slots
        self._places = slots + places
        self._changed = threading.Condition()
        self._held: dict[str, int] = {}  # places by caller
        self._waiting: dict[str, deque[Ticket]] = {}  # by caller, the one whose turn is next first
        self._running: set[Ticket] = set()
        self._durations_s: deque[float] = deque(maxlen=_REMEMBERED)
        self._is_closed = False

    def reserve(self, caller: str) -> "Ticket":
        """A place in the queue. Raises TooBusy when there is none for this caller, Stopping after `close`.

        A caller may hold as many places as are still free ("dynamic threshold", Choudhury and Hahne 1998),
        so that one alone never fills the queue, and somebody new always finds a place sooner.
        """
        with self._changed:
            if self._is_closed:
                raise Stopping("the service is being stopped; try again in a moment")
            free = self._places - sum(self._held.values())
            held = self._held.get(caller, 0)
            if free <= 0 or (held and held >= free):
                seconds = self._seconds_to_a_place()
                raise TooBusy(f"too many questions are waiting; try again in {seconds} seconds", seconds)
            self._held[caller] = held + 1
            return Ticket(self, caller)

    def close(self) -> None:
        """Takes no new work; whoever waits gets Stopping, whoever has the model goes on."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    @property
    def n_places(self) -> int:
        """How many can run and wait together."""
        return self._places

    @property
    def n_held(self) -> int:
        """Places that are taken, by whoever waits, runs, or still searches."""
        with self._changed:
            return sum(self._held.values())

    @property
    def n_waiting(self) -> int:
        """How many wait for the model."""
        with self._changed:
            return sum(len(tickets) for tickets in self._waiting.values())

    @property
    def n_running(self) -> int:
        """How many use the model."""
        with self._changed:
            return len(self._running)

    @property
    def is_full(self) -> bool:
        """Whether somebody new would be turned away."""
        return self.n_held >= self._places

    # What tickets do

    def _wait(self, ticket: "Ticket", on_position: Callable[[int], None], check: Callable[[], None]) -> None:
        told = 0
        with self._changed:
            self._waiting.setdefault(ticket.caller, deque()).append(ticket)
            self._grant()
        try:
            while True:
                with self._changed:
                    if ticket in self._running:
                        return
                    if self._is_closed:
                        raise Stopping("the service is being stopped; ask again in a moment")
                    position = self._position(ticket)
                if position != told:  # outside the lock: whoever is told may be slow
                    told = position
                    on_position(position)
                check()
                with self._changed:
                    if ticket not in self._running:
                        self._changed.wait(_CHECK_EVERY_S)
        except BaseException:
            self._leave(ticket)
            raise

    def _grant(self) -> None:
        """Gives free slots to whose turn it is: callers one after the other, each its oldest question."""
        while self._waiting and len(self._running) < self._slots and not self._is_closed:
            caller = next(iter(self._waiting))
            tickets = self._waiting.pop(caller)
            ticket = tickets.popleft()
            ticket.began = monotonic()
            self._running.add(ticket)
            if tickets:
                self._waiting[caller] = tickets  # behind everybody else
        self._changed.notify_all()

    def _position(self, ticket: "Ticket") -> int:
        """How many turns until it is this one's, from 1."""
        own = self._waiting[ticket.caller].index(ticket)
        is_before, ahead = True, own
        for caller, tickets in self._waiting.items():
            if caller == ticket.caller:
                is_before = False
            else:
                ahead += min(len(tickets), own + is_before)
        return ahead + 1

    def _leave(self, ticket: "Ticket") -> None:
        """Takes the ticket out of the queue or away from the model."""
        with self._changed:
            tickets = self._waiting.get(ticket.caller, deque())
            if ticket in tickets:
                tickets.remove(ticket)
                if not tickets:
                    del self._waiting[ticket.caller]
            if ticket in self._running:
                self._running.remove(ticket)
                self._durations_s.append(monotonic() - ticket.began)
            self._grant()

    def _give_back(self, ticket: "Ticket") -> None:
        with self._changed:
            self._held[ticket.caller] -= 1
            if not self._held[ticket.caller]:
                del self._held[ticket.caller]

    def _seconds_to_a_place(self) -> int:
        """When a place is likely to come free: one does after every turn."""
        known = self._durations_s
        turn_s = sum(known) / len(known) if known else _FIRST_GUESS_S
        return max(1, min(_LONGEST_RETRY_S, math.ceil(turn_s / self._slots)))


class Ticket:
    """One place in the queue, from `reserve` to `release`; a context manager that releases."""

    def __init__(self, turns: FairTurns, caller: str) -> None:
        self._turns = turns
        self._is_released = False
        self.caller = caller
        self.began = 0.0  # monotonic seconds when the turn came

    def wait(
        self,
        on_position: Callable[[int], None] = lambda position: None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Returns when the model is this one's. Raises Stopping when the service is stopped before that.

        on_position: told the place in the queue, from 1, at first and whenever it changes, unless it is
        its turn at once. check: called a few times a second; what it raises ends the waiting.
        """
        self._turns._wait(self, on_position, check)

    def release(self) -> None:
        """Gives the model and the place back; doing it twice does nothing."""
        if not self._is_released:
            self._is_released = True
            self._turns._leave(self)
            self._turns._give_back(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
