"""Who holds an office: the question, and the quotes that answer it."""

import pytest

from service.offices import office_asked, speaks_of_holder


@pytest.mark.parametrize(
    ("question", "one_of_them"),
    [
        ("나래시의 시장은 누구인가요?", "시장"),
        ("한울상사 대표 이름이 뭐죠?", "대표"),
        ("누가 위원장인가요?", "위원장"),
        ("기사를 쓴 기자는 누구인가요?", "기자"),
        ("나래시 경제부시장은 누구인가요?", "시장"),
        ("Who is the mayor of Narae?", "시장"),
        ("Who was its first CEO?", "대표"),
        ("What is the name of the director?", "원장"),
        ("나래시의 시장은 누구인가요?", "mayor"),
    ],
)
def test_question_for_an_office_is_recognised(question: str, one_of_them: str) -> None:
    assert one_of_them in office_asked(question)


@pytest.mark.parametrize(
    "question",
    [
        "시장 규모는 얼마인가요?",
        "대표가 한 말은 무엇인가요?",
        "Who organised it?",
        "What did the mayor say?",
        "",
    ],
)
def test_other_questions_are_not(question: str) -> None:
    assert office_asked(question) == frozenset()


@pytest.mark.parametrize(
    "quote",
    [
        "정다운 시장이 왔다.",
        "정다운 (나래시) 시장이 왔다.",
        "시장 정다운",
        "시장: 정다운",
        "정 시장이 왔다.",
        "나래시 정다운 경제부시장이 왔다.",
    ],
)
def test_quote_that_names_the_holder(quote: str) -> None:
    assert speaks_of_holder(frozenset({"시장", "mayor"}), quote, ["정다운"])


@pytest.mark.parametrize(
    "quote",
    [
        "국내 시장이 커졌다.",
        "정다운, 시장에 나서다",
        "정다운 교수가 왔다.",
        "시장이 열렸다.",
        "a mayoral race",
        "",
    ],
)
def test_quote_that_does_not(quote: str) -> None:
    assert not speaks_of_holder(frozenset({"시장", "mayor"}), quote, ["정다운"])


def test_name_that_the_analyser_has_cut_is_one_all_the_same() -> None:
    assert speaks_of_holder(frozenset({"시장"}), "나래시 홍다온 경제부시장이 왔다.", ["홍다"])


def test_english_quote_has_to_hold_the_word() -> None:
    assert speaks_of_holder(frozenset({"시장", "mayor"}), "Mayor Kim opened it.", [])
