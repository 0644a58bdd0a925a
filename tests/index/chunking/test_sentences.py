import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.chunking.sentences import split_sentences
from index.types import Span

_PIECES = st.sampled_from(
    [
        "다. ",
        "다.",
        "한다.” ",
        "2026. 1. 29. ",
        "3.5%",
        "가. ",
        "1. ",
        "- ",
        "\n",
        "\n\n",
        " ",
        "\t",
        "U.S. ",
        "? ",
        "!",
        "。",
        "…",
        '"',
        "끝",
        "a",
        "🙂",
        "e\u0301",
        "| ",
    ]
)
_TEXTS = st.one_of(st.text(), st.lists(_PIECES, max_size=60).map("".join))


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


# Coverage


@given(_TEXTS)
@example("다.\x1c다")
@example(" \n ")
def test_every_visible_character_is_in_exactly_one_sentence(text: str) -> None:
    owners = [0] * len(text)
    for span in split_sentences(text):
        for position in range(span.start, span.end):
            owners[position] += 1

    assert all(n == 1 for n, c in zip(owners, text, strict=True) if not c.isspace())
    assert max(owners, default=0) <= 1


@given(_TEXTS)
def test_sentences_come_in_order_without_outer_white_space(text: str) -> None:
    spans = split_sentences(text)

    assert spans == sorted(spans)
    assert all(span.of(text) and span.of(text) == span.of(text).strip() for span in spans)


@given(_TEXTS, st.integers(0, 80), st.integers(0, 80))
def test_sentences_stay_inside_the_given_span_and_cover_it(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    area = Span(start, min(start + length, len(text)))

    spans = split_sentences(text, area)

    assert all(area.start <= span.start and span.end <= area.end for span in spans)
    covered = "".join(re.sub(r"\s", "", span.of(text)) for span in spans)
    assert covered == "".join(c for c in area.of(text) if not c.isspace())


def test_empty_and_blank_texts_have_no_sentences() -> None:
    assert sentences("") == []
    assert sentences(" \n\t\n ") == []


# Korean


def test_korean_sentences_end_at_the_full_stop() -> None:
    assert sentences("정부는 계획을 밝혔다. 예산은 350억 원이다.") == [
        "정부는 계획을 밝혔다.",
        "예산은 350억 원이다.",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("감사합니다.", "다음은 표입니다."),
        ("정부는 밝혔다.", "그는 웃었다."),
        ("그렇게 하세요!", "정말 좋습니다."),
        ("끝났지요?", "네."),
        ("떠났다.", "“안녕”이라고 했다."),
    ],
)
def test_a_korean_ending_needs_no_space_after_the_full_stop(first: str, second: str) -> None:
    assert sentences(first + second) == [first, second]


def test_question_and_exclamation_marks_end_a_sentence() -> None:
    assert sentences("정말입니까? 네! 좋아요.") == ["정말입니까?", "네!", "좋아요."]


def test_ideographic_full_stop_ends_a_sentence_without_a_space() -> None:
    assert sentences("这是第一句。“第二句。”第三句") == ["这是第一句。", "“第二句。”", "第三句"]


def test_ellipsis_with_a_full_stop_ends_a_sentence() -> None:
    assert sentences("그렇게 끝났다……. 그는 떠났다.") == ["그렇게 끝났다…….", "그는 떠났다."]


# Quotes


def test_closing_quote_belongs_to_the_sentence_it_closes() -> None:
    assert sentences("그는 “함께 가겠다.” 그리고 떠났다.") == ["그는 “함께 가겠다.”", "그리고 떠났다."]


@pytest.mark.parametrize("particle", ["라고", "고", "이라고", "라며", "며", "라는", "하고"])
def test_quotation_goes_on_with_its_particle(particle: str) -> None:
    for gap in ("", " "):
        text = f"그는 “함께 가겠다.”{gap}{particle} 말했다."
        assert sentences(text) == [text]


def test_quoted_question_stands_by_itself() -> None:
    assert sentences('"정말인가?" 그가 물었다.') == ['"정말인가?"', "그가 물었다."]


def test_english_quotation_ends_with_its_quote() -> None:
    assert sentences('He said "Go." Then he left.') == ['He said "Go."', "Then he left."]


def test_english_quotation_goes_on_in_lower_case() -> None:
    text = '"We will go." he said.'
    assert sentences(text) == [text]


# Numbers and dates


@pytest.mark.parametrize(
    "text",
    [
        "성장률은 3.5%로 올랐다.",
        "버전 1.2.3 은 안정적이다.",
        "행사는 2026. 1. 29. 열린다.",
        "행사는 2026.1.29. 열린다.",
        "행사는 ’26. 1. 29. 열린다.",
        "2026. 1. 29.(목) 14시에 시작한다.",
        "It paid $3.5 billion to 1.2 million people.",
    ],
)
def test_full_stop_inside_a_number_or_date_ends_nothing(text: str) -> None:
    assert sentences(text) == [text]


def test_sentence_after_a_percentage_is_its_own() -> None:
    assert sentences("물가는 3.5%. 금리는 2.1%.") == ["물가는 3.5%.", "금리는 2.1%."]


def test_sentence_may_begin_with_a_number() -> None:
    assert sentences("모두 모였다. 350명이 왔다.") == ["모두 모였다.", "350명이 왔다."]


# Enumerators and abbreviations


@pytest.mark.parametrize("mark", ["1.", "12.", "가.", "나.", "A.", "iv.", "(3."])
def test_enumerator_stays_with_what_it_numbers(mark: str) -> None:
    text = f"{mark} 목적은 이렇다."
    assert sentences(text) == [text]


def test_one_word_answer_is_no_enumerator() -> None:
    assert sentences("네. 그렇습니다.") == ["네.", "그렇습니다."]
    assert sentences("간다. 정말이다.") == ["간다.", "정말이다."]


def test_enumerators_in_one_line_begin_new_sentences() -> None:
    assert sentences("가. 목적은 이렇다. 나. 기간은 5년이다.") == [
        "가. 목적은 이렇다.",
        "나. 기간은 5년이다.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Kim met Mr. Lee at 3 p.m. on Monday.",
        "The U.S. Government agreed.",
        "See Fig. 3 and Sec. 4, e.g. the table.",
        "J. Smith wrote it.",
        "Inyong Co. Ltd. was founded in Daegu.",
    ],
)
def test_abbreviation_ends_nothing(text: str) -> None:
    assert sentences(text) == [text]


def test_english_sentences_are_split_after_abbreviations_too() -> None:
    assert sentences("Dr. Kim left at 3 p.m. on Monday. They stayed.") == [
        "Dr. Kim left at 3 p.m. on Monday.",
        "They stayed.",
    ]


def test_full_stop_before_a_lower_case_word_ends_nothing() -> None:
    assert sentences("Wait... what? No.") == ["Wait... what?", "No."]


# Lines

_WRAPPED = (
    "정부는 지역의 인공지능 전환을 위해 올해부터 다섯 해 동안 모두 삼백오십억 원을\n"
    "들여 지역 기업의 실증 과제를 지원하고 전문 인력을 기르는 사업을 벌인다고 밝혔다."
)


def test_hard_wrapped_paragraph_is_read_as_one_sentence() -> None:
    assert sentences(_WRAPPED) == [_WRAPPED]


def test_sentence_that_ends_at_the_wrap_ends_there() -> None:
    text = _WRAPPED + "\n사업은 세 해 뒤에 중간 평가를 받는다."
    assert sentences(text) == [_WRAPPED, "사업은 세 해 뒤에 중간 평가를 받는다."]


def test_bullets_are_sentences_of_their_own() -> None:
    assert sentences("- 첫째 항목\n- 둘째 항목\n• 셋째\n① 넷째\n가) 다섯째") == [
        "- 첫째 항목",
        "- 둘째 항목",
        "• 셋째",
        "① 넷째",
        "가) 다섯째",
    ]


def test_bullet_after_a_full_line_does_not_join_it() -> None:
    first = "- 지역 기업의 실증 과제를 지원하고 전문 인력을 기르는 사업"
    second = "- 중간 평가를 세 해 뒤에 받고 그 결과에 따라 예산을 다시 정함"
    assert sentences(f"{first}\n{second}") == [first, second]


def test_heading_without_a_full_stop_is_a_sentence() -> None:
    assert sentences("사업 개요\n본문 첫 문장이다. 둘째 문장이다.") == [
        "사업 개요",
        "본문 첫 문장이다.",
        "둘째 문장이다.",
    ]


def test_short_lines_of_a_poem_or_address_are_not_joined() -> None:
    assert sentences("대구광역시\n수성구\n알파시티") == ["대구광역시", "수성구", "알파시티"]


def test_table_rows_are_not_joined() -> None:
    first = "| 대구 | 350억 원 | 2026년부터 2030년까지 |"
    second = "| 광주 | 240억 원 | 2026년부터 2029년까지 |"
    assert sentences(f"{first}\n{second}") == [first, second]


def test_long_unwrapped_lines_are_not_joined() -> None:
    line = "가나다라 " * 30
    assert sentences(f"{line}\n{line}") == [line.strip(), line.strip()]


def test_blank_line_ends_a_sentence_even_in_the_middle() -> None:
    first, second = _WRAPPED.split("\n")
    assert sentences(f"{first}\n\n{second}") == [first, second]


def test_a_million_characters_without_a_break_are_one_sentence() -> None:
    text = "가" * 1_000_000
    assert split_sentences(text) == [Span(0, 1_000_000)]


def test_a_million_characters_of_full_stops_are_split_in_linear_time() -> None:
    text = "1. " * 300_000 + "끝이다. " * 30_000
    assert "".join(sentences(text)).replace(" ", "") == text.replace(" ", "")
