"""A quote and a question, and whether the one answers the other."""

import math
from dataclasses import dataclass

import pytest

from service.generate import Generation, GenerationRequest, OnText
from service.verifier import Verifier
from tests.fakes import ScriptedGenerator

QUOTE = "푸른숲 도서관은 350억 원을 들여 지었다."


@dataclass
class Judge(ScriptedGenerator):
    """Says one word, with a probability."""

    word: str = "예"
    probability: float | None = 0.8
    n_calls: int = 0

    def generate(self, request: GenerationRequest, on_text: OnText | None = None) -> Generation:
        self.n_calls += 1
        self.prompts.append(list(request.messages))
        assert request.max_tokens == 1
        return Generation(self.word, 0, 0, 1, 0.0, confidence=self.probability)


@pytest.mark.parametrize(
    ("word", "language", "likely", "answers"),
    [
        ("예", "ko", 0.8, 0.8),
        ("아니", "ko", 0.8, 0.2),
        (" Yes", "en", 0.75, 0.75),
        ("No", "en", 0.75, 0.25),
        ("글쎄", "ko", 0.5, 0.5),
        ("예", "ko", None, 0.99),  # a server that does not tell probabilities
    ],
)
def test_word_and_its_probability_say_how_likely_the_quote_answers(
    word: str, language: str, likely: float | None, answers: float
) -> None:
    verifier = Verifier("예산은?", language, Judge(word=word, probability=likely))
    assert verifier.probability(QUOTE) == pytest.approx(answers)


def test_quote_is_read_once_and_alone() -> None:
    judge = Judge()
    verifier = Verifier("예산은 얼마인가요?", "ko", judge)
    assert verifier.probability(QUOTE) == verifier.probability(QUOTE)
    assert judge.n_calls == 1
    assert judge.prompts[0][-1].content == f"문장: {QUOTE}\n질문: 예산은 얼마인가요?"


@pytest.mark.parametrize(
    ("word", "likely", "log_odds"),
    [("예", 0.8, math.log(4)), ("아니", 0.8, -math.log(4)), ("예", 1.0, 9.21), ("아니", 1.0, -9.21)],
)
def test_log_odds_of_an_answer_are_finite_whatever_the_model_is_sure_of(
    word: str, likely: float, log_odds: float
) -> None:
    verifier = Verifier("예산은?", "ko", Judge(word=word, probability=likely))
    assert verifier.backs("350억 원입니다.", QUOTE) == pytest.approx(log_odds, abs=0.001)


def test_answer_is_judged_once_with_its_question_and_quotes() -> None:
    judge = Judge()
    verifier = Verifier("예산은 얼마인가요?", "ko", judge)
    assert verifier.backs("350억 원.", QUOTE) == verifier.backs("350억 원.", QUOTE)
    (judging,) = judge.prompts
    assert judging[-1].content == f"근거: {QUOTE}\n질문: 예산은 얼마인가요?\n답: 350억 원."
