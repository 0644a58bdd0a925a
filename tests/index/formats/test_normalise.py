import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.formats.normalise import normalise
from tests.growth import measure_growth

ODD = st.sampled_from(
    [
        *"\r\n\t \x00\x0b\x0c\x85\xa0\xad\u034f\u200b\u200d\u200e\u2028\u2029\u202e\u2060\u3000\u3164\ufeff",
        *"\ufffe\ud800\U000e0041\u0301\u0338\u1100\u1161\u11a8\u2126\u2adc\u2000\ufe0f👩🔧❤←가a",
        "\r\n",
    ]
)
MESSY = st.lists(st.one_of(ODD, st.characters()), max_size=40).map("".join)


@given(MESSY)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(MESSY)
def test_normalised_text_is_composed_and_encodable_and_has_no_trailing_spaces(text: str) -> None:
    result = normalise(text)
    assert unicodedata.is_normalized("NFC", result)
    result.encode("utf-8")
    assert all(line == line.rstrip(" \t") for line in result.split("\n"))
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") for c in result if c not in "\n\t")


@given(st.lists(MESSY.map(normalise), max_size=5))
def test_normalised_lines_joined_by_line_feeds_are_normalised(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("가\r\n나\r다\u2028라\u2029마\x85바\x0b사\x0c아", "가\n나\n다\n라\n마\n바\n사\n아"),
        ("\ufeff안\u200b녕\xad \u202e하\x00세\x1b요\u2060", "안녕 하세요"),
        ("3\xa0km\u3000와\u20095\u202f%", "3 km 와 5 %"),
        ("이름\t값  \n끝 \t", "이름\t값\n끝"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("e\u200b\u0301", "é"),
        ("보이는\U000e0041\U000e0042 글", "보이는 글"),
        ("１２３「인용」『책』“말”", "１２３「인용」『책』“말”"),
        ("  앞 공백은 둔다", "  앞 공백은 둔다"),
        ("", ""),
    ],
)
def test_what_becomes_of(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


def test_joiner_stays_inside_an_emoji_and_goes_elsewhere() -> None:
    assert normalise("👩\u200d🔧 가\u200d나 ❤\ufe0f\u200d🔥\u200d") == "👩\u200d🔧 가나 ❤\ufe0f\u200d🔥"


def test_a_long_run_of_spaces_takes_linear_time() -> None:
    assert normalise(" " * 2_000_000 + "끝") == " " * 2_000_000 + "끝"
    assert measure_growth(lambda n: normalise(" " * n + "끝"), 200_000) < 3
