"""How often a caller may come."""

from service.api.rate_limit import RateLimiter


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
