"""Turns at the model: bounded, fair, told to those who wait."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from service.question_queue.fair_queue import FairQueue, Stopping, Ticket, TooBusy

SOON_S = 10.0  # far longer than anything here takes


class Waiting:
    """A thread that waits for its turn, and what it is told."""

    def __init__(self, turns: FairQueue, ticket: Ticket, check: Callable[[], None] = lambda: None) -> None:
        before = turns.n_waiting + turns.n_running
        self.ticket = ticket
        self.positions: list[int] = []
        self.error: BaseException | None = None
        self.has_turn = threading.Event()
        self.is_over = threading.Event()
        self._check = check
        threading.Thread(target=self._wait).start()
        until(lambda: turns.n_waiting + turns.n_running > before or self.is_over.is_set())

    def _wait(self) -> None:
        try:
            self.ticket.wait(self.positions.append, self._check)
            self.has_turn.set()
        except Exception as error:
            self.error = error
        finally:
            self.is_over.set()


def until(is_so: Callable[[], bool]) -> None:
    """Waits for something that is about to happen."""
    pause = threading.Event()
    for _ in range(int(SOON_S * 200)):
        if is_so():
            return
        pause.wait(0.005)
    raise AssertionError("it did not happen")


def waiting(turns: FairQueue, *callers: str) -> list[Waiting]:
    """One that waits for each of these, in this order."""
    return [Waiting(turns, turns.reserve(caller)) for caller in callers]


@contextmanager
def occupied(turns: FairQueue) -> Iterator[Ticket]:
    """Somebody else has the model."""
    with turns.reserve("somebody else") as ticket:
        ticket.wait()
        yield ticket


def served_order(everybody: list[Waiting]) -> list[int]:
    """Who has the turn, one after the other, each giving it back at once; numbers of `everybody`."""
    order: list[int] = []
    for _ in everybody:
        until(lambda: any(w.has_turn.is_set() for n, w in enumerate(everybody) if n not in order))
        (now,) = [n for n, w in enumerate(everybody) if w.has_turn.is_set() and n not in order]
        order.append(now)
        everybody[now].ticket.release()
    return order


def test_a_free_model_is_had_at_once_and_nothing_is_told() -> None:
    turns = FairQueue()
    with turns.reserve("a") as ticket:
        positions: list[int] = []
        ticket.wait(positions.append)
        assert (turns.n_running, turns.n_waiting, positions) == (1, 0, [])
    assert (turns.n_running, turns.n_held) == (0, 0)


def test_only_so_many_run_at_once() -> None:
    turns = FairQueue(slots=2)
    first, second, third = waiting(turns, "a", "a", "a")
    until(lambda: first.has_turn.is_set() and second.has_turn.is_set())
    assert (turns.n_running, turns.n_waiting) == (2, 1)
    first.ticket.release()
    assert third.has_turn.wait(SOON_S)
    for each in (second, third):
        each.ticket.release()


def test_callers_take_turns_however_many_questions_one_has() -> None:
    turns = FairQueue()
    with occupied(turns):
        everybody = waiting(turns, "a", "a", "a", "b", "b", "c")
    assert served_order(everybody) == [0, 3, 5, 1, 4, 2]


def test_the_position_counts_turns_and_is_told_when_it_changes() -> None:
    turns = FairQueue()
    with occupied(turns):
        everybody = waiting(turns, "a", "a", "b")
        until(lambda: [w.positions for w in everybody] == [[1], [2, 3], [2]])
    served_order(everybody)
    assert everybody[1].positions == [2, 3, 2, 1]


def test_one_caller_may_hold_half_and_another_still_finds_a_place() -> None:
    turns = FairQueue(slots=1, places=7)
    held = [turns.reserve("a") for _ in range(4)]
    with pytest.raises(TooBusy):
        turns.reserve("a")
    held.append(turns.reserve("b"))
    held[0].release()
    held.append(turns.reserve("a"))
    assert turns.n_held == 5


def test_beyond_the_bound_nobody_gets_in() -> None:
    turns = FairQueue(slots=1, places=3)
    for caller in "abcd":
        turns.reserve(caller)
    assert turns.is_full
    with pytest.raises(TooBusy, match="too many questions are waiting; try again in 5 seconds"):
        turns.reserve("e")


def test_when_to_try_again_comes_from_how_long_turns_took(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("service.question_queue.fair_queue.monotonic", lambda: now[0])
    turns = FairQueue(slots=2, places=1)
    for seconds in (10.0, 20.0):
        with turns.reserve("a") as ticket:
            ticket.wait()
            now[0] += seconds
    for caller in "abc":
        turns.reserve(caller)
    with pytest.raises(TooBusy) as caught:
        turns.reserve("d")
    assert caught.value.retry_after_s == 8  # 15 seconds a turn, two at a time


def test_a_released_place_is_free_once() -> None:
    turns = FairQueue()
    ticket = turns.reserve("a")
    ticket.release()
    ticket.release()
    assert turns.n_held == 0


def test_who_no_longer_wants_to_wait_leaves_the_queue_to_others() -> None:
    turns = FairQueue()
    gone = threading.Event()

    def check() -> None:
        if gone.is_set():
            raise ConnectionError

    with occupied(turns):
        impatient = Waiting(turns, turns.reserve("a"), check)
        patient = Waiting(turns, turns.reserve("b"))
        gone.set()
        assert impatient.is_over.wait(SOON_S)
        assert isinstance(impatient.error, ConnectionError)
        until(lambda: patient.positions == [2, 1])
    assert patient.has_turn.wait(SOON_S)
    patient.ticket.release()
    impatient.ticket.release()
    assert (turns.n_held, turns.n_running, turns.n_waiting) == (0, 0, 0)


def test_after_closing_what_runs_goes_on_what_waits_is_told_and_nothing_new_begins() -> None:
    turns = FairQueue()
    with occupied(turns):
        (waiter,) = waiting(turns, "a")
        turns.close()
        assert waiter.is_over.wait(SOON_S)
        assert isinstance(waiter.error, Stopping)
        with pytest.raises(Stopping):
            turns.reserve("b")
        assert turns.n_running == 1
    waiter.ticket.release()
    assert turns.n_held == 0


def test_hundreds_of_turns_in_many_threads_never_overlap_and_nobody_is_left_out() -> None:
    turns = FairQueue(slots=1, places=100)
    running, most, served = [0], [0], dict.fromkeys("abcdefgh", 0)

    def ask(caller: str) -> None:
        for _ in range(25):
            with turns.reserve(caller) as ticket:
                ticket.wait()
                running[0] += 1
                most[0] = max(most[0], running[0])
                served[caller] += 1
                running[0] -= 1

    threads = [threading.Thread(target=ask, args=(caller,)) for caller in served]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON_S)
    assert (most[0], set(served.values()), turns.n_held) == (1, {25}, 0)
