from service.breaker import Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def make(most_failures: int = 2, rest_s: float = 10.0) -> tuple[Breaker, Clock]:
    clock = Clock()
    return Breaker(most_failures=most_failures, rest_s=rest_s, clock=clock), clock


def test_it_lets_calls_through_until_so_many_failed_in_a_row() -> None:
    breaker, _ = make()
    breaker.fail()
    assert breaker.admit() == 0.0
    breaker.fail()
    assert breaker.is_open
    assert breaker.admit() == 10.0


def test_a_success_between_begins_the_count_anew() -> None:
    breaker, _ = make()
    breaker.fail()
    breaker.succeed()
    breaker.fail()
    assert not breaker.is_open


def test_after_the_rest_one_call_tries_and_the_others_wait() -> None:
    breaker, clock = make(most_failures=1)
    breaker.fail()
    clock.now += 10
    assert breaker.admit() == 0.0
    assert breaker.admit() == 10.0


def test_a_good_trial_closes_it() -> None:
    breaker, clock = make(most_failures=1)
    breaker.fail()
    clock.now += 10
    breaker.admit()
    breaker.succeed()
    assert [breaker.admit(), breaker.admit()] == [0.0, 0.0]


def test_a_failed_trial_begins_another_rest() -> None:
    breaker, clock = make(most_failures=1)
    breaker.fail()
    clock.now += 10
    breaker.admit()
    clock.now += 4
    breaker.fail()
    clock.now += 7
    assert breaker.admit() == 3.0


def test_a_trial_that_never_reports_is_followed_by_another() -> None:
    breaker, clock = make(most_failures=1)
    breaker.fail()
    clock.now += 10
    breaker.admit()
    clock.now += 10
    assert breaker.admit() == 0.0
