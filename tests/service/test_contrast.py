from collections.abc import Callable

import pytest

from service.contrast import with_number_asked_for

OPERATORS = "운영사 가운데 지역 회사는 14.6%에 그치지만, 투자금이 지역 기업으로 가는 비율은 41%이다."


def count(*words: str) -> Callable[[str], int]:
    """How many of these words stand in a text."""
    return lambda text: sum(word in text for word in words)


def test_number_of_the_clause_with_more_of_the_question_is_put_in() -> None:
    statement = "지역 회사는 41%입니다."
    question = "운영사 가운데 지역 회사는 몇 퍼센트인가요?"
    asked = count("운영사", "지역", "회사")
    assert with_number_asked_for(statement, question, [OPERATORS], asked) == "지역 회사는 14.6%입니다."


def test_right_number_stays() -> None:
    question = "투자금 가운데 지역 기업으로 가는 비율은 몇 퍼센트인가요?"
    asked = count("투자금", "지역", "기업")
    assert with_number_asked_for("비율은 41%입니다.", question, [OPERATORS], asked) is None


def test_amount_in_an_english_answer_is_converted() -> None:
    quote = "대상은 상금 1억2천만 원을 받고, 참가비는 3만 원이다."
    put = with_number_asked_for(
        "The grand prize is 30,000 won.", "How much is the grand prize?", [quote], count("대상", "상금")
    )
    assert put == "The grand prize is 120 million won."


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("지역 회사는 41%입니다.", "운영사 가운데 누가 지역 회사인가요?"),  # asks for no number
        ("14.6%와 41%입니다.", "운영사 가운데 지역 회사는 몇 퍼센트인가요?"),  # gives both
        ("지역 회사는 9%입니다.", "운영사 가운데 지역 회사는 몇 퍼센트인가요?"),  # in no quote
    ],
)
def test_statement_is_left_alone(statement: str, question: str) -> None:
    asked = count("운영사", "지역", "회사")
    assert with_number_asked_for(statement, question, [OPERATORS], asked) is None


def test_where_both_clauses_have_as_many_words_the_model_decides() -> None:
    question = "지역 비율은 몇 퍼센트인가요?"
    assert with_number_asked_for("지역 비율은 41%입니다.", question, [OPERATORS], count("지역")) is None
