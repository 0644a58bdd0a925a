"""How likely an answer is right, from what the model judges and what stands around its quotes. Pure.

A logistic regression (Platt 1999) over answers to questions whose outcome is known; how it was fitted, and
what it is worth on others, is in `eval/LOG.md`. What it leaves out told nothing beyond these: the probability
of the model's words, its doubt whether to answer at all, what it takes out of the quotes as the answer, how
near they are to the question in meaning.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from service.types import Evidence


@dataclass(frozen=True, slots=True)
class _Weights:
    intercepts: Mapping[str, float]  # by language: of English questions the model is less sure
    backing: float
    answering: float = 0.0
    around: float = 2.5
    near: float = 1.17


_BY_BACKING = _Weights({"ko": -5.3, "en": -3.3}, backing=0.9)
_BY_BOTH = _Weights({"ko": -5.78, "en": -3.3}, backing=0.54, answering=0.5)
_OPEN = (0.3, 0.8)  # between them the second judgement may decide, and is worth its time
LEAST_CONFIDENCE = 0.42  # with less an answer is withheld
_SURE = 0.86  # with less an answer is shown as uncertain: of four sets 94 % were right from here on


def is_open(likely: float) -> bool:
    """Whether more evidence is wanted for an answer of this confidence."""
    least, sure = _OPEN
    return least <= likely < sure


def is_uncertain(likely: float) -> bool:
    """Whether people have to be told that an answer of this confidence needs a look at its quotes."""
    return likely < _SURE


def confidence(evidence: Evidence, language: str) -> float:
    """The probability that an answer with this evidence is right, in (0, 1)."""
    weights = _BY_BACKING if evidence.answering is None else _BY_BOTH
    total = (
        weights.intercepts[language]
        + weights.backing * evidence.backing
        + weights.answering * (evidence.answering or 0.0)
        + weights.around * evidence.around
        + weights.near * evidence.near
    )
    return 1 / (1 + math.exp(-total))
