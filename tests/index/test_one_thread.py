import signal
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from index.one_thread import OneThread


@pytest.fixture
def heard_interrupts() -> Iterator[None]:
    """Ctrl-C is heard; a shell starts background jobs deaf to it, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_every_call_is_made_in_the_same_other_thread() -> None:
    thread, made_in = OneThread("one"), list[int]()
    callers = [
        threading.Thread(target=lambda: made_in.append(thread.call(threading.get_ident))) for _ in range(3)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(set(made_in)) == 1
    assert made_in[0] not in {caller.ident for caller in callers}


def test_error_of_the_work_reaches_the_caller_and_the_thread_goes_on() -> None:
    thread = OneThread("one")

    def fail() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        thread.call(fail)
    assert thread.call(lambda: 1) == 1


def test_work_sees_what_its_caller_set() -> None:
    request: ContextVar[str] = ContextVar("request", default="")
    request.set("a")
    assert OneThread("one").call(request.get) == "a"


@pytest.mark.usefixtures("heard_interrupts")
def test_interrupt_ends_the_waiting_at_once_and_the_work_is_given_up() -> None:
    given_up, ended = threading.Event(), threading.Event()

    def work() -> None:
        time.sleep(0.2)  # until the caller waits
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        given_up.wait(30)
        ended.set()

    with pytest.raises(KeyboardInterrupt):
        OneThread("one").call(work, give_up=given_up.set)
    assert given_up.is_set()
    assert ended.wait(30)


@pytest.mark.usefixtures("heard_interrupts")
def test_next_call_waits_for_work_that_an_interrupt_left_behind() -> None:
    thread, order = OneThread("one"), list[str]()

    def work() -> None:
        time.sleep(0.2)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        time.sleep(0.2)
        order.append("left behind")

    with pytest.raises(KeyboardInterrupt):
        thread.call(work)
    thread.call(lambda: order.append("next"))
    assert order == ["left behind", "next"]


def test_thread_ends_with_its_block() -> None:
    with OneThread("ends-with-its-block") as thread:
        thread.call(int)
    assert not [t for t in threading.enumerate() if t.name.startswith("ends-with-its-block")]
