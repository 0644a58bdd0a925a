"""Fit the reader's probabilities on the calibration documents: `python -m eval.reader.calibrate`.

All calibration documents are put into one store and asked without naming one, as a team would; what the
reader makes of the ten passages found is compared with the labels. Fitted are a logistic curve each for
sentences, passages and questions (Platt 1999), and two thresholds on a question's probability. Weights of the
trained reader get them in their metadata, another cross-encoder in a file of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.reader.collection import Retrieved
from index.reader.calibration import Calibration, PassageCalibration

LOST = 0.05  # share of answerable questions that the abstention threshold may lose
TRUSTED = 0.95  # share of right answers from the "check the quote" threshold up


@dataclass(frozen=True, slots=True)
class RawReading:
    """Logits of one passage and their labels. sentences, needed: (n,)."""

    sentences: NDArray[np.float64]
    passage: float
    needed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RawQuestion:
    """Logits of all passages that were read for a question."""

    retrieved: Retrieved
    readings: tuple[RawReading, ...]


def fit_calibration(questions: Sequence[RawQuestion]) -> Calibration:
    """Fit all curves and thresholds."""
    readings = [reading for question in questions for reading in question.readings if len(reading.sentences)]
    sentences = np.concatenate([r.sentences for r in readings])
    sentence = _fit(sentences[:, None], np.concatenate([r.needed for r in readings]))
    features = np.array([(r.sentences.max(), r.passage) for r in readings])
    passage = _fit(features, np.array([r.needed.any() for r in readings]))
    curve = PassageCalibration(float(passage[0][0]), float(passage[0][1]), passage[1])
    best = np.array([best_log_odds(question, curve) for question in questions])
    found = np.array([any(r.needed.any() for r in q.readings) for q in questions])
    question = _fit(best[:, None], found)
    probabilities = 1 / (1 + np.exp(-(question[0][0] * best + question[1])))
    right = np.array([_best_sentence_is_needed(q, curve) for q in questions])
    return Calibration(
        curve,
        (float(sentence[0][0]), sentence[1]),
        (float(question[0][0]), question[1]),
        abstain=float(np.quantile(probabilities[found], LOST)),
        check=_least_trusted(probabilities, right),
    )


def best_log_odds(question: RawQuestion, curve: PassageCalibration) -> float:
    """Return the log-odds of the likeliest passage."""
    return max(
        (curve.log_odds(float(r.sentences.max()), r.passage) for r in question.readings if len(r.sentences)),
        default=-30.0,
    )


def _best_sentence_is_needed(question: RawQuestion, curve: PassageCalibration) -> bool:
    readings = [r for r in question.readings if len(r.sentences)]
    if not readings:
        return False
    best = max(readings, key=lambda r: curve.log_odds(float(r.sentences.max()), r.passage))
    return bool(best.needed[best.sentences.argmax()])


def _least_trusted(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The lowest probability from which up the share of right answers is at least TRUSTED."""
    order = np.argsort(-probabilities)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    trusted = np.nonzero(shares >= TRUSTED)[0]
    return float(probabilities[order][trusted[-1]]) if len(trusted) else 1.0


def _fit(features: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=100.0, max_iter=1000).fit(features, labels)
    return model.coef_[0], float(model.intercept_[0])
