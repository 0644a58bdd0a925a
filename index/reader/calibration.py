"""From logits to probabilities: Platt scaling, fitted on documents that train, tune and test nothing else.

Platt 1999: probability = sigmoid(weights . logits + bias), with one weight for each of the two logits that
speak for a passage, the best sentence's and the passage head's.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PassageCalibration:
    """Log-odds that a passage answers, from its best sentence's logit and its passage logit."""

    sentence_weight: float = 0.5
    passage_weight: float = 0.5
    bias: float = 0.0

    def log_odds(self, best_sentence: float, passage: float) -> float:
        """Return the calibrated log-odds."""
        return self.sentence_weight * best_sentence + self.passage_weight * passage + self.bias


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything fitted after training.

    passage: for one passage. sentence: (weight, bias) on a sentence's logit. question: (weight, bias) on the
    best passage's log-odds, for the probability that any of several passages answers. abstain, check: below
    these question probabilities an answer is withheld, or called uncertain.
    """

    passage: PassageCalibration
    sentence: tuple[float, float]
    question: tuple[float, float]
    abstain: float
    check: float

    def as_dict(self) -> dict[str, Any]:
        """Return the values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Calibration":
        """Return what `as_dict` gave."""
        return cls(
            PassageCalibration(**values["passage"]),
            (values["sentence"][0], values["sentence"][1]),
            (values["question"][0], values["question"][1]),
            values["abstain"],
            values["check"],
        )

    def question_probability(self, best_score: float) -> float:
        """Return the probability that the passages answer, from the log-odds of the best passage."""
        return sigmoid(self.question[0] * best_score + self.question[1])


UNCALIBRATED = Calibration(PassageCalibration(), (1.0, 0.0), (1.0, 0.0), 0.5, 0.8)


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)) without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
