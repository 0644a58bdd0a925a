"""What a number measures, by the words behind it in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.numbers import find_quantities, unsupported_quantities
from service.numbers.measures import is_as_much, measure_after

EQUAL = [  # a length of time in Korean and English, how many of the second make one of the first
    ("시간", "minutes", 60),
    ("분", "seconds", 60),
    ("일", "hours", 24),
    ("주일", "days", 7),
    ("년", "months", 12),
    ("km", "metres", 1000),
    ("톤", "kg", 1000),
    ("헥타르", "square metres", 10_000),
    ("리터", "ml", 1000),
]


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("1시간", "time"),
        ("20여 분", "time"),
        ("8-hour", "time"),
        ("2주 뒤", "time"),
        ("3년간", "months"),
        ("3개년", "months"),
        ("6 months", "months"),
        ("10km", "length"),
        ("300㎡", "area"),
        ("5 tonnes", "weight"),
        ("5명", "thing"),
    ],
)
def test_words_behind_a_number_say_what_it_measures(text: str, dimension: str) -> None:
    measure = measure_after(text, find_quantities(text)[0])
    assert measure is not None
    assert measure.dimension == dimension


@pytest.mark.parametrize(
    "text", ["2026년", "3월", "3분의 1", "3분기", "100주", "3달러", "2시", "5", "5%", "350억 원", "3 million"]
)
def test_dates_shares_money_and_bare_numbers_have_no_measure(text: str) -> None:
    assert measure_after(text, find_quantities(text)[0]) is None


@given(st.integers(2, 500), st.sampled_from(EQUAL))
def test_what_comes_to_the_same_backs_each_other(n: int, units: tuple[str, str, int]) -> None:
    korean, english, factor = units
    one, other = f"{n}{korean}", f"{n * factor} {english}"
    assert unsupported_quantities(one, [other]) == []
    assert unsupported_quantities(other, [one]) == []


@given(st.integers(2, 500), st.sampled_from(EQUAL))
def test_the_same_number_of_another_unit_does_not(n: int, units: tuple[str, str, int]) -> None:
    korean, english, _ = units
    assert unsupported_quantities(f"{n}{korean}", [f"{n} {english}"])
    assert unsupported_quantities(f"{n} {english}", [f"{n}{korean}"])


def test_dimensions_are_not_compared() -> None:
    text = "5km, 5시간"
    (far, long) = find_quantities(text)
    length, time = measure_after(text, far), measure_after(text, long)
    assert length is not None
    assert time is not None
    assert not is_as_much(far, length, long, time)
