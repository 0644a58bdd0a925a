"""Waiting for something that may take long, while whoever waits can end it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

BEAT_S = 0.5  # how soon it is noticed that nobody waits any more


def sleep_beating(seconds: float, beat: Callable[[], None]) -> None:
    """Sleeps; beat: called at once and every BEAT_S, raising in it ends the sleep."""
    until = time.monotonic() + seconds
    while (left_s := until - time.monotonic()) > 0:
        beat()
        time.sleep(min(left_s, BEAT_S))


def call_beating(call: Callable[[], T], beat: Callable[[], None]) -> T:
    """What the call returns or raises, made in a thread of its own.

    beat: called every BEAT_S; raising in it ends the waiting, and leaves the call to itself.
    """
    done: Future[T] = Future()

    def work() -> None:
        try:
            done.set_result(call())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=work, name="beating", daemon=True).start()
    while True:
        try:
            return done.result(BEAT_S)
        except TimeoutError:
            if done.done():
                raise
        beat()
