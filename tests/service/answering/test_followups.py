import pytest

from service.answering.followups import leans_on_history, make_standalone
from service.answering.types import Turn
from service.errors import GenerationFailed
from tests.fakes import ScriptedGenerator

HISTORY = [Turn("user", "푸른숲 도서관은 어디에 있나요?"), Turn("assistant", "가람동에 있습니다 [1].")]


def rewrite(question: str, reply: str) -> tuple[str, bool]:
    standalone, _ = make_standalone(question, HISTORY, ScriptedGenerator([reply]))
    return standalone.text, standalone.guessed


@pytest.mark.parametrize("question", ["그럼 예산은?", "거기는 언제 여나요, 그리고 무엇을 빌려 주나요?"])
def test_a_short_question_or_a_pronoun_leans_on_the_conversation(question: str) -> None:
    assert leans_on_history(question, HISTORY)
    assert not leans_on_history(question, [])


def test_a_question_that_stands_alone_costs_no_call() -> None:
    generator = ScriptedGenerator([ValueError("not to be called")])
    question = "두레 축제의 심사는 누가 맡았나요?"
    standalone, generation = make_standalone(question, HISTORY, generator)
    assert (standalone.text, standalone.guessed, generation) == (question, False, None)


def test_the_model_writes_the_question_anew() -> None:
    written = "푸른숲 도서관의 예산은 얼마인가요?"
    assert rewrite("그럼 예산은?", written) == (written, False)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "두 줄\n이다?",
        "What is the budget of the library?",
        "푸른숲 도서관은 어디에 있나요?",
        "푸른숲 도서관의 2031년 예산은 얼마인가요?",
        "푸른숲 도서관과 Starlight 공원의 예산은?",
        "푸른숲 도서관은 가람동에 있습니다.",
    ],
    ids=[
        "nothing",
        "two lines",
        "another language",
        "the question before",
        "a number",
        "a name",
        "no question",
    ],
)
def test_what_cannot_be_the_question_gives_way_to_both_questions(reply: str) -> None:
    assert rewrite("그럼 예산은?", reply) == ("푸른숲 도서관은 어디에 있나요? 그럼 예산은?", True)


def test_without_a_model_both_questions_are_asked() -> None:
    standalone, _ = make_standalone("그럼 예산은?", HISTORY, None)
    assert standalone.text == "푸른숲 도서관은 어디에 있나요? 그럼 예산은?"


@pytest.mark.parametrize(
    "question",
    [
        "IT 부서의 올해 예산은 모두 얼마인가요?",
        "What is the IT budget for 2025?",
        "Will there be a shuttle bus next year?",
        "How much does it cost to rent a hall?",
        "What happens this weekend at the library?",
    ],
)
def test_what_looks_like_a_pronoun_may_be_none(question: str) -> None:
    assert not leans_on_history(question, HISTORY)


@pytest.mark.parametrize(
    "question", ["그는 어느 대학교를 나왔나요?", "이 사업은 언제까지 하나요?", "What did it cost in total?"]
)
def test_pronouns_lean(question: str) -> None:
    assert leans_on_history(question, HISTORY)


def test_a_failing_model_leaves_it_to_the_rule() -> None:
    generator = ScriptedGenerator([GenerationFailed("gone")])
    standalone, generation = make_standalone("그럼 예산은?", HISTORY, generator)
    assert (standalone.text, standalone.guessed, generation) == (
        "푸른숲 도서관은 어디에 있나요? 그럼 예산은?",
        True,
        None,
    )
