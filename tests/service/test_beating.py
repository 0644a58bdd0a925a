"""Waiting that can be ended."""

import time

import pytest

from service.beating import call_beating, sleep_beating


def test_what_is_called_returns_and_raises_as_ever() -> None:
    def fail() -> None:
        raise TimeoutError("of its own")

    assert call_beating(lambda: 7, lambda: None) == 7
    with pytest.raises(TimeoutError, match="of its own"):
        call_beating(fail, lambda: None)


def test_a_beat_that_raises_ends_the_waiting() -> None:
    def leave() -> None:
        raise InterruptedError

    began = time.monotonic()
    with pytest.raises(InterruptedError):
        call_beating(lambda: time.sleep(30), leave)
    with pytest.raises(InterruptedError):
        sleep_beating(30, leave)
    assert time.monotonic() - began < 20


def test_a_sleep_lasts_as_long_as_it_should_and_beats() -> None:
    beats: list[None] = []
    began = time.monotonic()
    sleep_beating(0.6, lambda: beats.append(None))
    assert time.monotonic() - began >= 0.6
    assert beats
