import signal
import threading
import time
from contextvars import ContextVar

import pytest

from index.one_thread import OneThread


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


def test_interrupt_ends_the_work_first_and_then_the_caller() -> None:
    given_up, ended = threading.Event(), threading.Event()

    def work() -> None:
        time.sleep(0.2)  # until the caller waits
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        given_up.wait(30)
        ended.set()

    with pytest.raises(KeyboardInterrupt):
        OneThread("one").call(work, give_up=given_up.set)
    assert given_up.is_set()
    assert ended.is_set()


def test_thread_ends_with_its_block() -> None:
    with OneThread("ends-with-its-block") as thread:
        thread.call(int)
    assert not [t for t in threading.enumerate() if t.name.startswith("ends-with-its-block")]
