import pytest

from service.following import leans, standing_alone
from service.types import Turn


def after(before: str, question: str) -> str:
    return standing_alone(question, [Turn("user", before), Turn("assistant", "999억 원입니다 [1].")])


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        # What it is about is kept, and what was asked for is not.
        ("푸른숲 도서관 예산은 얼마인가요?", "그럼 주민은?", "푸른숲 도서관 주민은?"),
        ("푸른숲 도서관의 예산은 모두 얼마였나요?", "그럼 위치는?", "푸른숲 도서관 위치는?"),
        ("푸른숲 도서관은 어느 동에 분관을 여나요?", "그럼 예산은?", "푸른숲 도서관 예산은?"),
        ("새로 지은 도서관은 어느 동에 있나요?", "그럼 예산은?", "새로 지은 도서관 예산은?"),
        ("지원 사업에 선정된 동네는 어디인가요?", "그럼 예산은?", "지원 사업에 선정된 동네 예산은?"),
        ("두레 축제는 언제 열리나요?", "그리고 참가비는 얼마야?", "두레 축제 참가비는 얼마야?"),
    ],
)
def test_follow_up_takes_over_the_topic_of_the_question_before(
    before: str, question: str, alone: str
) -> None:
    assert after(before, question) == alone


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("심사는 어느 교수가 맡았나요?", "그 교수는 어디에서 왔나요?"),  # points to an answer
        ("CES 출장비는 모두 얼마인가요?", "그중 항공료는?"),
        ("What is the total budget?", "And where does it come from?"),
        ("예산이 얼마인가요?", "그럼 주민은?"),  # without a topic
        ("예산은 얼마인가요?", "그럼 주민은?"),  # a topic that is only what was asked for
    ],
)
def test_follow_up_that_points_or_finds_no_topic_is_read_behind_the_question(
    before: str, question: str
) -> None:
    assert after(before, question) == f"{before} {question}"


def test_a_whole_question_stands_alone() -> None:
    question = "두레 축제의 심사는 어느 교수가 맡았는지 알려 주세요."
    assert after("푸른숲 도서관 예산은 얼마인가요?", question) == question


@pytest.mark.parametrize(
    ("question", "does"),
    [
        ("What did he talk about?", True),
        ("Which of them won a prize?", True),
        ("And where was it held?", True),
        ("어제 발표한 뒤에 그분은 무엇을 했나요?", True),
        ("그중 항공료는 얼마였나요?", True),
        ("누가 참석했지?", True),  # too short to stand alone
        ("Who worked there before?", True),
        ("Which companies won a prize at the fair?", False),
        ("How many seats are there in the hall this year?", False),
        ("두레 축제의 심사는 어느 교수가 맡았나요?", False),
    ],
)
def test_question_leans_where_it_is_short_or_points(question: str, *, does: bool) -> None:
    assert leans(question, [Turn("user", "Who gave the keynote?")]) is does
    assert not leans(question, [])


def test_without_an_earlier_question_there_is_nothing_to_take_over() -> None:
    assert standing_alone("그럼 주민은?", ()) == "그럼 주민은?"
    assert standing_alone("그럼 주민은?", [Turn("assistant", "예산은 3억 원입니다.")]) == "그럼 주민은?"


def test_last_of_several_questions_counts() -> None:
    history = [Turn("user", "두레 축제는 언제인가요?"), Turn("user", "도서관은 어디에 있나요?")]
    assert standing_alone("그럼 예산은?", history) == "도서관 예산은?"


def test_a_long_question_before_is_cut() -> None:
    assert len(after("가" * 4000, "그럼 예산은?")) < 1100
