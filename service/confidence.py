"""How likely an answer is right, from what the model judges and what stands around its quotes. Pure.

A logistic regression (Platt 1999) over answers to questions whose outcome is known; how it was fitted, and
what it is worth on others, is in `eval/LOG.md`. What it leaves out told nothing beyond these: the probability
of the model's words, its doubt whether to answer at all, and a second judgement of the quotes alone.
"""

import math
from dataclasses import dataclass

from service.types import Evidence


@dataclass(frozen=True, slots=True)
class _Weights:
    intercept: float
    log_odds: float
    around: float = 2.874
    near: float = 1.392


_WEIGHTS = {  # by the language of the question: of English ones over Korean text the model is less sure
    "ko": _Weights(-5.481, 0.755),
    "en": _Weights(-3.631, 0.972),
}
LEAST_CONFIDENCE = 0.45  # with less an answer is withheld


def confidence(evidence: Evidence, language: str) -> float:
    """The probability that an answer with this evidence is right, in (0, 1)."""
    weights = _WEIGHTS[language]
    total = (
        weights.intercept
        + weights.log_odds * evidence.log_odds
        + weights.around * evidence.around
        + weights.near * evidence.near
    )
    return 1 / (1 + math.exp(-total))
