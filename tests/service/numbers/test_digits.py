"""Numbers with digits, alone and mixed with 천, 만, 억, 조."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.numbers import Unit, find_quantities, unsupported_quantities
from tests.service.numbers.made import BARE, COUNT, DOLLAR, PERCENT, WON, Reading, Readings, in_korean, read

READINGS: Readings = [
    # Korean amounts, digits mixed with units
    ("350억 원을 들여", [("350억", "35000000000", WON)]),
    ("1억4천만 달러", [("1억4천만", "140000000", DOLLAR)]),
    ("약 1천881억8천만원", [("1천881억8천만", "188180000000", WON)]),
    ("1만 2천 원", [("1만 2천", "12000", WON)]),
    ("8만 5000원", [("8만 5000", "85000", WON)]),
    ("2조 3천억 원", [("2조 3천억", "2300000000000", WON)]),
    ("1 억 원", [("1 억", "100000000", WON)]),
    ("1.5조원", [("1.5조", "1500000000000", WON)]),
    ("₩350억", [("350억", "35000000000", WON)]),
    ("100엔을", [("100", "100", Unit.YEN)]),
    ("50억 ~ 100억 원", [("50억", "5000000000", WON), ("100억", "10000000000", WON)]),
    ("1~2억 원", [("1", "100000000", WON), ("2억", "200000000", WON)]),
    # percentages
    ("42.3%", [("42.3", "42.3", PERCENT)]),
    ("41 percent", [("41", "41", PERCENT)]),
    ("30프로가", [("30", "30", PERCENT)]),
    ("5프로그램", [("5", "5", COUNT)]),
    ("2 to 3 percent", [("2", "2", PERCENT), ("3", "3", PERCENT)]),
    # names with digits, full width
    ("AI2X", [("2", "2", BARE)]),
    ("ISO 37120", [("37120", "37120", BARE)]),
    ("１２，３４５명", [("１２，３４５", "12345", COUNT)]),
    ("４２．３％", [("４２．３", "42.3", PERCENT)]),
    ("＄20", [("20", "20", DOLLAR)]),
    ("1,2,3", [("1", "1", BARE), ("2", "2", BARE), ("3", "3", BARE)]),
]
WHOLE = st.one_of(st.integers(0, 99_999), st.integers(0, 10**20 - 1))


@pytest.mark.parametrize(("text", "expected"), READINGS, ids=[text for text, _ in READINGS])
def test_a_number_with_digits_is_read_as_a_person_would(text: str, expected: list[Reading]) -> None:
    assert read(text) == expected


@given(WHOLE, st.booleans(), st.booleans(), st.booleans())
def test_a_number_in_mixed_korean_form_is_read_back(
    value: int, with_units: bool, with_spaces: bool, with_commas: bool
) -> None:
    written = in_korean(value, with_units=with_units, with_spaces=with_spaces, with_commas=with_commas)
    (found,) = find_quantities(f"예산은 {written}원이다.")
    assert (found.text, found.value, found.unit) == (written, Decimal(value), WON)


@given(st.integers(0, 10**25))
def test_a_number_with_commas_or_in_full_width_digits_is_read_back(value: int) -> None:
    for written in (f"{value:,}", str(value), str(value).translate({48 + n: 0xFF10 + n for n in range(10)})):
        (found,) = find_quantities(f"a {written} won")
        assert (found.text, found.value, found.unit) == (written, Decimal(value), WON)


def test_very_long_numbers_are_equal_to_themselves_only() -> None:
    long, other = "1" * 1_000_001 + "2", "1" * 1_000_001 + "3"
    assert unsupported_quantities(long, [long]) == []
    assert unsupported_quantities(long, [other])
