"""Korean amounts in their English form."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.numbers import find_quantities, gloss_in_english
from tests.service.numbers.made import WON, in_korean


@pytest.mark.parametrize(
    ("text", "glossed"),
    [
        ("예산은 350억 원이다.", "예산은 350억 원(= 35 billion won)이다."),
        ("약 1천881억8천만원이다", "약 1천881억8천만원(= 188.18 billion won)이다"),
        ("1억4천만 달러와 3만5000명", "1억4천만 달러(= 140 million dollars)와 3만5000명(= 35,000)"),
        ("1천200여 명이", "1천200여 명(= 1,200)이"),
        ("백만 달러를", "백만 달러(= 1 million dollars)를"),
        ("1억2345만6789원", "1억2345만6789원(= 123,456,789 won)"),
        ("1.5억 원", "1.5억 원(= 150 million won)"),
        ("15.5만 원", "15.5만 원(= 155,000 won)"),
        ("2026년 80여 명, 42.3%, 5,000원", "2026년 80여 명, 42.3%, 5,000원"),
        ("숫자가 없다", "숫자가 없다"),
        ("", ""),
    ],
)
def test_large_korean_amounts_are_followed_by_their_english_form(text: str, glossed: str) -> None:
    assert gloss_in_english(text) == glossed


@given(st.integers(10_000, 10**19), st.booleans())
def test_the_english_form_has_the_same_value(value: int, with_units: bool) -> None:
    written = in_korean(value, with_units=with_units, with_spaces=False, with_commas=False)
    glossed = gloss_in_english(f"{written}원")
    if "(=" in glossed:
        english = glossed[glossed.index("(= ") + 3 : -1]
        assert [(q.value, q.unit) for q in find_quantities(english)] == [(Decimal(value), WON)]


def test_amount_ends_with_its_counter() -> None:
    assert gloss_in_english("종이책은 2만 4,300권이다.") == "종이책은 2만 4,300권(= 24,300)이다."
    assert gloss_in_english("1만여부를 찍었다.") == "1만여부(= 10,000)를 찍었다."
