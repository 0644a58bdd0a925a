"""English numerals and scale words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.numbers import find_quantities
from tests.service.numbers.made import BARE, DOLLAR, WON, Reading, Readings, read

READINGS: Readings = [
    ("$1.4 million", [("1.4 million", "1400000", DOLLAR)]),
    ("KRW 35 billion", [("35 billion", "35000000000", WON)]),
    ("35bn won", [("35bn", "35000000000", WON)]),
    ("35,000,000,000 Korean won", [("35,000,000,000", "35000000000", WON)]),
    ("a million dollars", [("a million", "1000000", DOLLAR)]),
    ("half a million won", [("half a million", "500000", WON)]),
    ("one hundred and twenty thousand", [("one hundred and twenty thousand", "120000", BARE)]),
    ("the first two winners", [("first", "1", BARE), ("two", "2", BARE)]),
    ("two and three branches", [("two", "2", BARE), ("three", "3", BARE)]),
    ("one third", [("one", "1", BARE), ("third", "3", BARE)]),
    ("twenty-first", [("twenty-first", "21", BARE)]),
    ("the second half of the year", []),
    ("hundreds of millions, someone, often", []),
]
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


@pytest.mark.parametrize(("text", "expected"), READINGS, ids=[text for text, _ in READINGS])
def test_an_english_number_is_read_as_a_person_would(text: str, expected: list[Reading]) -> None:
    assert read(text) == expected


def in_english_words(value: int) -> str:
    """The number in English words, such as "one million two hundred and five thousand"."""
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if value >= size:
            rest = f" {in_english_words(value % size)}" if value % size else ""
            return f"{in_english_words(value // size)} {name}{rest}"
    if value >= 100:
        rest = f" and {in_english_words(value % 100)}" if value % 100 else ""
        return f"{_ONES[value // 100]} hundred{rest}"
    if value >= 20:
        return _TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    return _ONES[value]


@given(st.integers(0, 10**15 - 1))
def test_a_number_in_english_words_is_read_back(value: int) -> None:
    written = in_english_words(value)
    (found,) = find_quantities(f"They paid {written} dollars.")
    assert (found.text, found.value, found.unit) == (written, Decimal(value), DOLLAR)


@given(st.integers(1, 9_999), st.sampled_from(["thousand", "million", "billion", "trillion"]))
def test_a_number_with_an_english_scale_word_is_read_back(tenths: int, scale: str) -> None:
    size = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}[scale]
    (found,) = find_quantities(f"${tenths / 10} {scale}")
    assert found.value == Decimal(tenths) * size / 10
    assert found.unit is DOLLAR
