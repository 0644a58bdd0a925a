"""The measure that tests of running time stand on."""

from tests.growth import measure_growth


def test_linear_time_grows_with_the_input() -> None:
    assert measure_growth(lambda n: sum(range(n)), 200_000) < 3


def test_quadratic_time_is_noticed() -> None:
    assert measure_growth(lambda n: [sum(range(n)) for _ in range(n)], 400) > 3
