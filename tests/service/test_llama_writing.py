import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.llama_writing import Writing, runs_in_a_circle


def begin(sent: list[str], opening: str = "") -> Writing:
    return Writing([], opening, sent.append, threading.Event())


@given(st.text(), st.integers(1, 4))
def test_pieces_of_bytes_are_passed_on_as_whole_characters(text: str, size: int) -> None:
    sent: list[str] = []
    writing, data = begin(sent), text.encode()
    for at in range(0, len(data), size):
        writing.add(1, data[at : at + size], 0.0)
    assert "".join(sent) == writing.text == text


def test_opening_is_part_of_the_text_and_not_passed_on() -> None:
    sent: list[str] = []
    writing = begin(sent, "금액은")
    writing.add(1, " 3억 원".encode(), 0.0)
    assert (writing.text, sent) == ("금액은 3억 원", [" 3억 원"])


def test_confidence_is_the_geometric_mean_of_the_probabilities() -> None:
    writing = begin([])
    assert writing.confidence == 0.0
    writing.add(1, b"a", math.log(0.5))
    writing.add(2, b"b", math.log(0.125))
    assert writing.confidence == pytest.approx(0.25)
    assert writing.first_confidence == pytest.approx(0.5)


@pytest.mark.parametrize("tokens", [[9, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], [*range(40)] * 3])
def test_three_rounds_of_the_same_tokens_are_a_circle(tokens: list[int]) -> None:
    assert runs_in_a_circle(tokens)


@pytest.mark.parametrize(
    "tokens", [[], [1] * 11, [1, 2, 3, 4, 1, 2, 3, 4], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3], [*range(41)] * 3]
)
def test_fewer_rounds_or_other_lengths_are_none(tokens: list[int]) -> None:
    assert not runs_in_a_circle(tokens)
