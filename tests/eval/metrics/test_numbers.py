from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.numbers import number_values, unsupported_numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("예산은 350억 원이다.", ["35000000000"]),
        ("35 billion won", ["35000000000"]),
        ("1억 4천만 원", ["140000000"]),
        ("7억2천만 원과 3곳", ["720000000", "3"]),
        ("2만 4,300권", ["24300"]),
        ("12,345.5 kg", ["12345.5"]),
        ("２０２６년 1월", ["2026", "1"]),
        ("3만 5천 명", ["35000"]),
        ("5 rooms, 12 people", ["5", "12"]),
        ("없다", []),
    ],
)
def test_numbers_are_read_by_value(text: str, values: list[str]) -> None:
    assert number_values(text) == [Decimal(value) for value in values]


def test_a_number_is_supported_in_another_notation_and_else_reported() -> None:
    assert unsupported_numbers("35 billion won (350억 원)", ["예산은 350억 원이다."]) == []
    assert unsupported_numbers("예산은 360억 원이다.", ["예산은 350억 원이다."]) == [Decimal(36_000_000_000)]
    assert unsupported_numbers("3곳", []) == [Decimal(3)]


@given(st.text(max_size=60))
def test_every_text_supports_its_own_numbers(text: str) -> None:
    assert unsupported_numbers(text, [text]) == []
