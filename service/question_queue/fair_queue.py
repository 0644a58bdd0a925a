"""A bounded queue for the language model, served round robin between callers.

Pure threading; knows nothing of questions or HTTP. A caller reserves a place, waits for its turn and releases
the place.
"""

import math
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

from service.errors import AnsweringError

_INITIAL_TURN_S = 5.0  # assumed duration of a turn before any has been measured
_N_MEASURED = 20  # turns that the estimate is made from
_CHECK_EVERY_S = 0.25  # how soon a waiting question notices that its client has gone
_MAX_RETRY_S = 600


class TooBusy(AnsweringError):
    """The queue is full, or this caller holds its share of it. retry_after_s: when to try again."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Stopping(AnsweringError):
    """The service is shutting down and takes no new work."""


class FairQueue:
    """A bounded queue in front of the language model."""

    def __init__(self, *, slots: int = 1, places: int = 32) -> None:
        """slots: concurrent users of the model; places: how many more may wait."""
        self._slots = slots
        self._places = slots + places
        self._changed = threading.Condition()
        self._held: dict[str, int] = {}  # places by caller
        self._waiting: dict[str, deque[Ticket]] = {}  # by caller, the one whose turn is next first
        self._running: set[Ticket] = set()
        self._durations_s: deque[float] = deque(maxlen=_N_MEASURED)
        self._is_closed = False

    def reserve(self, caller: str) -> "Ticket":
        """Reserve a place. Raises TooBusy when there is none for this caller, Stopping after `close`.

        A caller may hold as many places as are still free ("dynamic threshold", Choudhury and Hahne 1998),
        so that no single caller fills the queue.
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
        """Take no new work; waiting tickets raise Stopping, running ones finish."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    @property
    def n_places(self) -> int:
        """Places for running and waiting questions together."""
        return self._places

    @property
    def n_held(self) -> int:
        """Places taken by questions that wait, run, or still search."""
        with self._changed:
            return sum(self._held.values())

    @property
    def n_waiting(self) -> int:
        """Questions that wait for the model."""
        with self._changed:
            return sum(len(tickets) for tickets in self._waiting.values())

    @property
    def n_running(self) -> int:
        """Questions that use the model."""
        with self._changed:
            return len(self._running)

    @property
    def is_full(self) -> bool:
        """Whether a new caller would be refused."""
        return self.n_held >= self._places

    # Used by Ticket

    def _wait(self, ticket: "Ticket", on_position: Callable[[int], None], check: Callable[[], None]) -> None:
        notified = 0
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
                if position != notified:  # outside the lock, for the callback may be slow
                    notified = position
                    on_position(position)
                check()
                with self._changed:
                    if ticket not in self._running:
                        self._changed.wait(_CHECK_EVERY_S)
        except BaseException:
            self._leave(ticket)
            raise

    def _grant(self) -> None:
        """Give free slots to callers in turn, each its oldest question."""
        while self._waiting and len(self._running) < self._slots and not self._is_closed:
            caller = next(iter(self._waiting))
            tickets = self._waiting.pop(caller)
            ticket = tickets.popleft()
            ticket.began = monotonic()
            self._running.add(ticket)
            if tickets:
                self._waiting[caller] = tickets  # behind all other callers
        self._changed.notify_all()

    def _position(self, ticket: "Ticket") -> int:
        """Turns until this ticket's own, from 1."""
        own = self._waiting[ticket.caller].index(ticket)
        is_before, ahead = True, own
        for caller, tickets in self._waiting.items():
            if caller == ticket.caller:
                is_before = False
            else:
                ahead += min(len(tickets), own + is_before)
        return ahead + 1

    def _leave(self, ticket: "Ticket") -> None:
        """Remove the ticket from the queue or from the running ones."""
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
        """Estimate when a place becomes free: one does after every answer."""
        known = self._durations_s
        turn_s = sum(known) / len(known) if known else _INITIAL_TURN_S
        return max(1, min(_MAX_RETRY_S, math.ceil(turn_s / self._slots)))


class Ticket:
    """One place in the queue, from `reserve` to `release`; a context manager that releases."""

    def __init__(self, queue: FairQueue, caller: str) -> None:
        self._queue = queue
        self._is_released = False
        self.caller = caller
        self.began = 0.0  # monotonic seconds when the turn came

    def wait(
        self,
        on_position: Callable[[int], None] = lambda position: None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Wait for the model. Raises Stopping when the service is stopped before that.

        on_position: notified of the place in the queue, from 1, whenever it changes, unless the turn comes
        at once. check: called a few times a second; what it raises ends the waiting.
        """
        self._queue._wait(self, on_position, check)

    def release(self) -> None:
        """Release the model and the place. Idempotent."""
        if not self._is_released:
            self._is_released = True
            self._queue._leave(self)
            self._queue._give_back(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
