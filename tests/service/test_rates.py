"""How often a caller may come."""

import pytest

from service.rates import RateLimiter


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_of_a_minutes_requests_passes_and_the_next_waits() -> None:
    clock = Clock()
    rates = RateLimiter(3, clock)
    assert [rates.take("ann") for _ in range(4)] == [0, 0, 0, 20]
    clock.now = 19.9
    assert rates.take("ann") == 1
    clock.now = 20.0
    assert rates.take("ann") == 0


def test_one_callers_hurry_is_not_anothers() -> None:
    rates = RateLimiter(1, Clock())
    assert (rates.take("ann"), rates.take("ben"), rates.take("ann")) == (0, 0, 60)


def test_permits_do_not_pile_up() -> None:
    clock = Clock()
    rates = RateLimiter(2, clock)
    rates.take("ann")
    clock.now = 3600
    assert [rates.take("ann") for _ in range(3)] == [0, 0, 30]


def test_zero_is_any_number() -> None:
    rates = RateLimiter(0, Clock())
    assert {rates.take("ann") for _ in range(1000)} == {0}


def test_idle_callers_are_forgotten_and_busy_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.rates._MOST_CALLERS", 10)
    clock = Clock()
    rates = RateLimiter(1, clock)
    for n in range(10):
        rates.take(f"idle {n}")
    clock.now = 61
    rates.take("busy")
    assert len(rates._buckets) == 1
    assert rates.take("busy") > 0
