"""What a question of a conversation asks, when it stands alone."""

import pytest

from service.rewriting import Rewritten, rewrite
from service.types import Turn
from tests.fakes import ScriptedGenerator

PRIZE = ("두레 축제의 대상은 누가 받았나요?", "대상은 한울공방이 받았습니다 [1].")
VISITORS = ("How many people came to the fair in 2023?", "40,000 people (4만 명) came [1].")


def ask(
    question: str, written: str, *exchanges: tuple[str, str], generator: ScriptedGenerator | None = None
) -> Rewritten:
    history = [turn for asked, said in exchanges for turn in (Turn("user", asked), Turn("assistant", said))]
    return rewrite(question, history, generator or ScriptedGenerator([written]), lambda: None)


@pytest.mark.parametrize(
    ("exchange", "question", "written"),
    [
        (PRIZE, "그곳 대표는 누구인가요?", "한울공방 대표는 누구인가요?"),
        (VISITORS, "And the year after?", "How many people came to the fair in 2024?"),
        (VISITORS, "Who opened it?", "Who opened the fair in 2023?"),
    ],
)
def test_what_the_model_makes_of_it_is_taken(exchange: tuple[str, str], question: str, written: str) -> None:
    assert ask(question, written, exchange) == Rewritten(written)


@pytest.mark.parametrize(
    ("exchange", "question", "written"),
    [
        (PRIZE, "그곳 대표는 누구인가요?", PRIZE[0]),  # what was asked before
        (PRIZE, "그곳 대표는 누구인가요?", "두레 축제의  대상은 누가 받았나요"),
        (PRIZE, "그곳 대표는 누구인가요?", ""),
        (PRIZE, "그곳 대표는 누구인가요?", "한울공방 대표는?\n정다운입니다."),
        (PRIZE, "그곳 대표는 누구인가요?", "Who leads 한울공방?"),  # another language
        (PRIZE, "그곳 대표는 누구인가요?", "한울공방은 어디에 있나요?"),  # no word of what is asked
        (PRIZE, "그곳 대표는 누구인가요?", "한울공방 대표는 1972년에 누구였나요?"),  # a number from nowhere
        (VISITORS, "Who opened it?", "Who opened the fair in Seoul?"),  # a name from nowhere
        (PRIZE, "그곳 대표는 누구인가요?", "두레 축제의 대상은 한울공방 대표는 누구인가요?"),  # two topics
    ],
)
def test_what_cannot_be_trusted_is_not(exchange: tuple[str, str], question: str, written: str) -> None:
    guessed = Rewritten(f"{exchange[0]} {question}", is_guessed=True)
    assert ask(question, written, exchange) == guessed


def test_rule_takes_over_the_topic_where_the_model_is_not_trusted() -> None:
    exchange = ("두레 축제는 언제 열리나요?", "5월에 열립니다.")
    assert ask("그럼 참가비는?", "", exchange) == Rewritten("두레 축제 참가비는?", is_guessed=True)


def test_model_reads_the_last_two_exchanges_without_markers_and_may_use_their_words_alone() -> None:
    generator = ScriptedGenerator(["한울공방 대표는 누구인가요?"])
    early, middle = ("아주 오래전 질문인가요?", "네."), ("축제는 언제였나요?", "5월입니다.")
    ask("그곳 대표는?", "", early, middle, PRIZE, generator=generator)
    (prompt,) = generator.prompts
    assert prompt[-1].content == (
        "질문: 축제는 언제였나요?\n답: 5월입니다.\n"
        "질문: 두레 축제의 대상은 누가 받았나요?\n답: 대상은 한울공방이 받았습니다.\n질문: 그곳 대표는?"
    )


def test_long_turns_are_cut() -> None:
    generator = ScriptedGenerator([""])
    ask("그럼 예산은?", "", ("가" * 4000, "나" * 4000), generator=generator)
    assert len(generator.prompts[0][-1].content) < 700
