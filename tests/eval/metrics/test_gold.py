import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.gold import locate
from eval.types import GoldSpan
from index.formats.normalise import normalise
from index.types import Span

LETTERS = "가각나a1.,()*\\é\u0301"
RAW_TEXT = st.text(alphabet=LETTERS + " \t\n", min_size=1, max_size=24)
BLANKS = st.lists(
    st.sampled_from([" ", "  ", "\n", " \n ", "\t", "\u3000", "\xa0"]), min_size=24, max_size=24
)


def places(quote: str, text: str) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in locate(GoldSpan("a.txt", quote=quote), text)]


def fold(text: str) -> str:
    return " ".join(normalise(text).split())


def rewrite(quote: str, blanks: list[str], form: str) -> str:
    """The same quote as another editor may have saved it."""
    words = quote.split()
    spaced = "".join(word + blank for word, blank in zip(words, blanks, strict=False))
    return unicodedata.normalize(form, spaced)  # type: ignore[arg-type]


@given(RAW_TEXT, st.data(), BLANKS, st.sampled_from(["NFC", "NFD"]))
def test_found_spans_are_exactly_those_whose_text_equals_the_quote_after_folding(
    raw: str, data: st.DataObject, blanks: list[str], form: str
) -> None:
    text = normalise(raw)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = rewrite(text[start:end], blanks, form)

    expected = [
        (i, j)
        for i in range(len(text))
        for j in range(i + 1, len(text) + 1)
        if fold(text[i:j]) == fold(quote) and text[i:j] == text[i:j].strip()
    ]

    assert places(quote, text) == [span for span in expected if fold(quote)]


@given(RAW_TEXT, st.text(alphabet=LETTERS + " \n", max_size=6))
def test_text_of_a_found_span_equals_the_quote_after_folding(raw: str, quote: str) -> None:
    text = normalise(raw)

    assert all(fold(text[start:end]) == fold(quote) for start, end in places(quote, text))


def test_every_occurrence_is_found() -> None:
    assert places("예산은 1억", "예산은 1억. 작년 예산은 1억.") == [(0, 6), (11, 17)]


def test_overlapping_occurrences_are_all_found() -> None:
    assert places("가가", "가가가") == [(0, 2), (1, 3)]


def test_decomposed_quote_is_found_in_composed_text() -> None:
    assert places(unicodedata.normalize("NFD", "각종 지원"), "그 밖의 각종 지원") == [(5, 10)]


def test_quote_written_on_one_line_is_found_across_a_line_break() -> None:
    assert places("총 3명이 참석", "총 3명이\n참석했다") == [(0, 8)]


def test_line_break_and_double_spaces_in_the_quote_stand_for_one_space() -> None:
    assert places("총  3명이 \n 참석", "총 3명이 참석했다") == [(0, 8)]


def test_occurrences_on_one_line_and_across_lines_are_found_together() -> None:
    assert places("둘째 줄", "둘째 줄과 둘째\n줄") == [(0, 4), (6, 10)]


def test_white_space_that_the_text_lacks_is_not_invented() -> None:
    assert places("총 3명", "총3명") == []


def test_invisible_characters_of_the_quote_are_ignored() -> None:
    assert places("\ufeff예\u200b산", "올해 예산") == [(3, 5)]


def test_signs_of_the_quote_are_taken_literally() -> None:
    assert places("1.5억 (잠정)", "105억 (잠정), 1.5억 (잠정)") == [(11, 20)]


def test_quote_cut_inside_a_joined_picture_is_found_as_it_stands() -> None:
    assert places("\u200d🔧", "수리공 👩\u200d🔧") == [(5, 7)]


def test_quote_that_is_not_there_has_no_place() -> None:
    assert places("2억", "예산은 1억") == []


def test_blank_quote_has_no_place() -> None:
    assert places(" \n", "예산은 1억") == []


def test_start_and_end_are_taken_as_given() -> None:
    assert locate(GoldSpan("a.txt", start=2, end=4), "예산은 1억") == (Span(2, 4),)


def test_end_beyond_the_text_has_no_place() -> None:
    assert locate(GoldSpan("a.txt", start=2, end=7), "예산은 1억") == ()


def test_span_without_quote_and_positions_is_the_whole_text() -> None:
    assert locate(GoldSpan("a.txt"), "예산은 1억") == (Span(0, 6),)


def test_whole_of_an_empty_text_has_no_place() -> None:
    assert locate(GoldSpan("a.txt"), "") == ()
