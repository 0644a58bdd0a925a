"""How likely an answer is right, from what the model judges and what stands around its quotes. Pure.

A logistic regression (Platt 1999) over answers to questions whose outcome is known; how it was fitted, and
what it is worth on others, is in `eval/LOG.md`. What it leaves out told nothing beyond these: the probability
of the model's words, its doubt whether to answer at all, what it takes out of the quotes as the answer.
"""

import math
from dataclasses import dataclass

from service.types import Evidence


@dataclass(frozen=True, slots=True)
class _Weights:
    intercept: float
    backing: float = 0.9
    around: float = 2.5
    near: float = 1.17


_WEIGHTS = {"ko": _Weights(-5.3), "en": _Weights(-3.0)}  # of English questions the model is less sure
LEAST_CONFIDENCE = 0.5  # with less an answer is withheld
_SURE = 0.8  # with less an answer is shown as uncertain: of these 64 % were right, of the others 93 %


def is_uncertain(likely: float) -> bool:
    """Whether people have to be told that an answer of this confidence needs a look at its quotes."""
    return likely < _SURE


def confidence(evidence: Evidence, language: str) -> float:
    """The probability that an answer with this evidence is right, in (0, 1)."""
    weights = _WEIGHTS[language]
    total = (
        weights.intercept
        + weights.backing * evidence.backing
        + weights.around * evidence.around
        + weights.near * evidence.near
    )
    return 1 / (1 + math.exp(-total))
