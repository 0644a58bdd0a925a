"""A quote and a question, and whether the one answers the other."""

import math
from dataclasses import dataclass

import pytest

from service.generate import Generation, GenerationRequest, OnText
from service.verify import Verifier
from tests.fakes import ScriptedGenerator

QUOTE = "푸른숲 도서관은 350억 원을 들여 지었다."


@dataclass
class Judge(ScriptedGenerator):
    """Says one word, with a probability."""

    word: str = "예"
    probability: float = 0.8
    n_calls: int = 0

    def generate(self, request: GenerationRequest, on_text: OnText | None = None) -> Generation:
        self.n_calls += 1
        self.prompts.append(list(request.messages))
        assert request.max_tokens == 1
        return Generation(self.word, 0, 0, 1, 0.0, confidence=self.probability)


@pytest.mark.parametrize(
    ("word", "language", "probability", "odds"),
    [
        ("예", "ko", 0.8, 4.0),
        ("아니", "ko", 0.8, 0.25),
        (" Yes", "en", 0.75, 3.0),
        ("No", "en", 0.75, 1 / 3),
        ("글쎄", "ko", 0.5, 1.0),
    ],
)
def test_odds_are_those_of_yes_against_no(word: str, language: str, probability: float, odds: float) -> None:
    verifier = Verifier("예산은?", language, Judge(word=word, probability=probability))
    assert math.exp(verifier.log_odds(QUOTE)) == pytest.approx(odds)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certainty_counts_no_more_than_it_can(probability: float) -> None:
    odds = Verifier("예산은?", "ko", Judge(probability=probability)).log_odds(QUOTE)
    assert abs(odds) == pytest.approx(math.log(99))


def test_quote_is_read_once_and_alone() -> None:
    judge = Judge()
    verifier = Verifier("예산은 얼마인가요?", "ko", judge)
    assert verifier.log_odds(QUOTE) == verifier.log_odds(QUOTE)
    assert judge.n_calls == 1
    assert judge.prompts[0][-1].content == f"문장: {QUOTE}\n질문: 예산은 얼마인가요?"
