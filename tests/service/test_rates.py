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


def test_what_is_given_back_can_be_taken_again_and_no_more() -> None:
    rates = RateLimiter(2, Clock())
    rates.take("ann")
    rates.give_back("ann")
    rates.give_back("ann")
    rates.give_back("nobody")
    assert [rates.take("ann") for _ in range(3)] == [0, 0, 30]


def test_of_too_many_callers_who_has_not_come_for_longest_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.rates._MOST_CALLERS", 10)
    rates = RateLimiter(1, Clock())
    for n in range(1000):
        rates.take("busy")
        rates.take(f"once {n}")
    assert len(rates._buckets) == 10
    assert rates.take("busy") > 0
    assert rates.take("once 0") == 0
