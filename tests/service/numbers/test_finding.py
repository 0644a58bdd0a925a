"""What holds for the numbers of any text."""

from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.numbers import find_quantities, unsupported_quantities
from tests.growth import measure_growth

PIECES = st.sampled_from(
    [
        *"0 7 12 350 2026 1,234 3.5 % $ ₩ 만 억 조 천 백 십 원 달러 명 여 년 월 일 제 세 번째 다섯".split(),
        *"~ - . , : / 원을 million hundred and a half May march 5th won percent １ ２ ， ．".split(),
        *(" ", "  ", "\n", "é", "가", "𝟙", "\u0661"),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=500)
def test_positions_are_exact_in_order_and_never_overlap(text: str) -> None:
    found = find_quantities(text)
    assert all(quantity.span.of(text) == quantity.text != "" for quantity in found)
    assert all(a.span.end <= b.span.start for a, b in pairwise(found))


@given(st.lists(PIECES, max_size=20).map("".join))
def test_every_text_supports_its_own_numbers(text: str) -> None:
    assert unsupported_quantities(text, [text]) == []


@given(st.lists(PIECES, max_size=20).map("".join))
def test_every_digit_belongs_to_a_number_or_says_nothing(text: str) -> None:
    covered = {i for quantity in find_quantities(text) for i in range(quantity.span.start, quantity.span.end)}
    left = "".join(" " if i in covered else character for i, character in enumerate(text))
    assert set("123456789").isdisjoint(left)


@pytest.mark.parametrize(
    "piece",
    ["1", "가", "1만", "1 ", "1,", "1,000", "1조", "1 억", "천", " ", "two hundred and ", "10:00 ", "1~"],
)
def test_reading_time_grows_no_faster_than_the_text(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    endings = (f" {number}" for number in count())  # results are cached by text: each run reads another one
    assert measure_growth(lambda n: find_quantities(text[:n] + next(endings)), 5_000) < 3


@pytest.mark.parametrize("piece", ["1", "가", "일"])
def test_a_million_characters_of_one_kind_are_read(piece: str) -> None:
    found = find_quantities(piece * 1_000_000)
    assert len(found) == (1 if piece == "1" else 0)
