"""Korean numerals without a digit, and what Korean counts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.numbers import find_quantities
from tests.service.numbers.made import BARE, COUNT, DOLLAR, KOREAN_UNITS, WON, Reading, Readings, read

READINGS: Readings = [
    # Korean amounts without a digit
    ("십만 원", [("십만", "100000", WON)]),
    ("백만 달러", [("백만", "1000000", DOLLAR)]),
    ("천이백억 원", [("천이백억", "120000000000", WON)]),
    ("사십오 개국", [("사십오", "45", COUNT)]),
    ("천 명", [("천", "1000", COUNT)]),
    ("십여 명", [("십", "10", COUNT)]),
    ("수십억 원, 몇백 명", []),
    ("꽃이 만개했고 천장이 높다", []),
    ("이 사람은 이천시에 산다", []),
    # Korean counts
    ("3만5000명", [("3만5000", "35000", COUNT)]),
    ("80여 명", [("80", "80", COUNT)]),
    ("300여명", [("300", "300", COUNT)]),
    ("세 번째", [("세", "3", COUNT)]),
    ("다섯째", [("다섯", "5", COUNT)]),
    ("다섯 곳", [("다섯", "5", COUNT)]),
    ("스물다섯 명", [("스물다섯", "25", COUNT)]),
    ("예순두 살", [("예순두", "62", COUNT)]),
    ("두 회사", [("두", "2", COUNT)]),
    ("둘 다", []),
    ("열 공급", []),
    ("서 대표", []),
    ("한 명", [("한", "1", COUNT)]),
    ("5개월", [("5", "5", COUNT)]),
    ("3만 5명", [("3만", "30000", BARE), ("5", "5", COUNT)]),
    ("만 19세", [("19", "19", COUNT)]),
    ("8을", [("8", "8", BARE)]),
    ("2026 월드컵", [("2026", "2026", BARE)]),
    ("제2조", [("2", "2", COUNT)]),
    ("2 조건", [("2", "2", BARE)]),
    ("1억 2 조건", [("1억", "100000000", BARE), ("2", "2", BARE)]),
]


@pytest.mark.parametrize(("text", "expected"), READINGS, ids=[text for text, _ in READINGS])
def test_a_korean_numeral_is_read_as_a_person_would(text: str, expected: list[Reading]) -> None:
    assert read(text) == expected


def sino(value: int) -> str:
    """The number in Sino-Korean syllables, such as 천이백삼십사만."""

    def section(value: int) -> str:
        words = ""
        for size, unit in ((1000, "천"), (100, "백"), (10, "십")):
            count, value = divmod(value, size)
            if count:
                words += ("" if count == 1 else "일이삼사오육칠팔구"[count - 1]) + unit
        return words + ("일이삼사오육칠팔구"[value - 1] if value else "")

    words = ""
    for size, unit in KOREAN_UNITS[1:]:
        count, value = divmod(value, size)
        if count:
            words += ("" if count == 1 and unit == "만" else section(count)) + unit
    return words + section(value)


@given(st.one_of(st.integers(10, 99_999), st.integers(10, 10**16 - 1)))
def test_a_number_in_sino_korean_syllables_is_read_back(value: int) -> None:
    written = sino(value)
    (found,) = find_quantities(f"모두 {written} 명이다.")
    assert (found.text, found.value, found.unit) == (written, Decimal(value), COUNT)
