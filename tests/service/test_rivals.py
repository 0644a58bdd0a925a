from collections.abc import Sequence

import pytest

from service.rivals import is_of_a_rival, quotes_of_numbers, relabels

CLAIMS = "The Haram chain reported a loss of KRW 85 million, and the agency Solbit has also filed a claim."
SHARES = "이 가운데 나래전자에 5억 3천만 원, 다온소프트에 4억 1천만 원이 배정되었다."
WARDS = "7층 병동의 낙상은 23건에서 14건으로 줄었다."


def names_in(text: str) -> Sequence[str]:
    return [name for name in ("나래전자", "다온소프트", "한울대", "가람시", "해솔병원") if name in text]


def is_rival(statement: str, question: str, quote: str, topics: str = "") -> bool:
    return is_of_a_rival(statement, question, [quote], topics, names_in)


def test_number_in_the_clause_of_another_is_that_of_another() -> None:
    assert is_rival("Solbit claims KRW 85 million.", "How much does Solbit claim?", CLAIMS)
    assert not is_rival("Haram lost KRW 85 million.", "How much did Haram lose?", CLAIMS)


def test_clause_with_the_number_may_leave_out_its_subject() -> None:
    quote = "나래전자는 부품을 만드는 회사로, 지난해 350억 원의 매출을 올렸다."
    assert not is_rival("매출은 350억 원입니다.", "나래전자의 매출은 얼마인가요?", quote)


def test_name_that_is_not_the_subject_is_no_rival() -> None:
    quote = "나래전자는 대구 회사로, 다온소프트에 납품해 350억 원을 벌었다."
    assert not is_rival("350억 원을 벌었습니다.", "나래전자는 얼마를 벌었나요?", quote)


@pytest.mark.parametrize(
    ("question", "topics", "is_of_others"),
    [
        ("한울대에는 사업비가 얼마 배정됐나요?", "해솔병원 사업 보고서", True),
        ("다온소프트에는 사업비가 얼마 배정됐나요?", "해솔병원 사업 보고서", False),
        (
            "해솔병원 사업비는 누구에게 얼마 배정됐나요?",
            "해솔병원 사업 보고서",
            False,
        ),  # what it is all about
        ("사업비는 누구에게 얼마 배정됐나요?", "해솔병원 사업 보고서", False),
        (
            "How much did Hanul University get?",
            "해솔병원 사업 보고서",
            False,
        ),  # may be called otherwise there
    ],
)
def test_list_of_shares_answers_for_whom_it_names(question: str, topics: str, is_of_others: bool) -> None:
    statement = "나래전자에 5억 3천만 원, 다온소프트에 4억 1천만 원이 배정되었습니다."
    assert is_rival(statement, question, SHARES, topics) is is_of_others


def test_question_without_a_name_has_no_rival() -> None:
    assert not is_rival("85 million won.", "how much was lost?", CLAIMS)


def test_quotes_of_the_number_asked_for_are_told_from_the_others() -> None:
    servers, audit = "The company will add six servers.", "An audit will cost KRW 34 million."
    question = "What budget has been set for the servers?"
    assert quotes_of_numbers("KRW 34 million for six servers.", question, [servers, audit]) == [audit]
    assert quotes_of_numbers("Six servers.", question, [servers, audit]) == []


@pytest.mark.parametrize(
    ("statement", "relabelled"),
    [
        ("8층 병동의 낙상은 23건에서 14건으로 줄었습니다.", True),
        ("7층 병동의 낙상은 23건에서 14건으로 줄었다.", False),
        ("7층 병동의 낙상은 14건으로 줄었습니다.", False),  # says less
        ("낙상은 8건입니다.", False),  # was never meant to be that sentence
        ("", False),
    ],
)
def test_sentence_with_another_number_in_it_is_relabelled(statement: str, relabelled: bool) -> None:
    assert relabels(statement, WARDS) is relabelled
