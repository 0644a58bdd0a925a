"""English amounts keep the Korean ones beside them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.numbers import english_number, find_quantities, korean_number, unsupported_quantities
from service.originals import in_korean_units, with_originals

QUOTES = ["정부는 국비 350억 원을 지원한다.", "주민 3만5000명이 왔고 2천만 달러가 남았다."]


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("The amount is 35 billion won.", "The amount is 35 billion won (350억 원)."),
        ("It costs KRW 35 billion in all.", "It costs KRW 35 billion (350억 원) in all."),
        ("About 20 million dollars were left.", "About 20 million dollars (2천만 달러) were left."),
        (
            "35 billion won was given, and $20 million stayed.",
            "35 billion won (350억 원) was given, and $20 million (2천만 달러) stayed.",
        ),
    ],
)
def test_original_follows_the_amount(statement: str, shown: str) -> None:
    assert with_originals(statement, QUOTES) == shown


def test_amount_said_twice_makes_room() -> None:
    shown = with_originals("The amount is 35 billion won (35 billion won).", QUOTES)
    assert shown == "The amount is 35 billion won (350억 원)."


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("Its director is 정다운 관장 (정다운 관장).", "Its director is 정다운 관장."),
        ("정다운 (정다운) and 한울상사 (한울상사) came.", "정다운 and 한울상사 came."),
        ("It sells wooden bowls (나무 그릇).", "It sells wooden bowls (나무 그릇)."),
    ],
)
def test_name_said_twice_is_said_once(statement: str, shown: str) -> None:
    assert with_originals(statement, []) == shown


@pytest.mark.parametrize(
    "statement",
    [
        "35 billion won (350억 원) was given.",
        "350억 원 was given.",
        "The state paid (35 billion won).",
        "35,000 people came.",  # a count, not money
        "90 billion won was given.",  # in no quote
    ],
)
def test_nothing_is_put_where_it_is_not_wanted(statement: str) -> None:
    assert with_originals(statement, QUOTES) == statement


def test_amount_that_the_document_writes_in_digits_needs_no_original() -> None:
    assert (
        with_originals("It costs 350 million won.", ["비용은 350,000,000원이다."])
        == "It costs 350 million won."
    )


@given(st.integers(min_value=1, max_value=9_999))
def test_what_is_put_in_is_backed_and_put_in_once(billions: int) -> None:
    quote = f"예산은 {billions * 10}억 원이다."
    once = with_originals(f"The budget is {english_number(Decimal(billions * 10**9))} won.", [quote])
    assert f"({billions * 10}억 원)" in once
    assert with_originals(once, [quote]) == once
    assert not unsupported_quantities(once, [quote])


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("지역 예산은 KRW 35 billion 원입니다.", "지역 예산은 350억 원(KRW 35 billion)입니다."),
        ("예산은 35 billion won입니다.", "예산은 350억 원(35 billion won)입니다."),
        ("지원금은 US$1.2 million이다.", "지원금은 120만 달러(US$1.2 million)이다."),
        ("예산은 350억 원(KRW 35 billion)입니다.", "예산은 350억 원(KRW 35 billion)입니다."),
        ("값은 1.23456 million 원이다.", "값은 1.23456 million 원이다."),  # 만 does not write it whole
        ("주민 2 million 명이 왔다.", "주민 2 million 명이 왔다."),
    ],
)
def test_english_sums_are_put_into_korean_units(statement: str, shown: str) -> None:
    assert in_korean_units(statement) == shown


@given(st.integers(1, 10**12).map(lambda n: Decimal(n * 10_000)))
def test_korean_number_is_read_as_the_value_that_it_writes(value: Decimal) -> None:
    (quantity,) = find_quantities(f"{korean_number(value)} 원")
    assert quantity.value == value
