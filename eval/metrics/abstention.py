"""Metrics of abstention and of confidence in selective answering. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one question. A failed question is neither answered nor withheld.

    right: the answer shown is correct. confidence: in [0, 1], of an answer.
    """

    answerable: bool
    answered: bool
    withheld: bool
    right: bool
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Abstention:
    """Abstention rates, None where the denominator is 0.

    precision: share of unanswerable questions among the withheld. recall: share withheld of the unanswerable
    questions. false_abstention: share withheld of the answerable questions. answered_though_unanswerable:
    share answered of the unanswerable questions.
    """

    precision: float | None
    recall: float | None
    false_abstention: float | None
    answered_though_unanswerable: float | None


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Coverage and risk when only answers of at least this confidence are given, both in [0, 1]."""

    confidence: float
    coverage: float
    risk: float


def abstention(outcomes: Sequence[Outcome]) -> Abstention:
    """Return the abstention rates over all outcomes."""
    withheld = [outcome for outcome in outcomes if outcome.withheld]
    unanswerable = [outcome for outcome in outcomes if not outcome.answerable]
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    return Abstention(
        precision=_share([not outcome.answerable for outcome in withheld]),
        recall=_share([outcome.withheld for outcome in unanswerable]),
        false_abstention=_share([outcome.withheld for outcome in answerable]),
        answered_though_unanswerable=_share([outcome.answered for outcome in unanswerable]),
    )


def risk_coverage(outcomes: Sequence[Outcome]) -> list[RiskPoint]:
    """Return the risk-coverage curve, most confident answers first, one point per distinct confidence.

    El-Yaniv and Wiener 2010: coverage is the share of all questions that get an answer when only answers
    of at least some confidence are given, risk the share of those answers that are wrong. An answer to an
    unanswerable question is wrong. Withheld and failed questions are never covered, so the curve ends at
    the share of questions answered.
    """
    points: list[RiskPoint] = []
    n_covered = n_wrong = 0
    for confidence, wrong in _by_confidence(outcomes):
        n_covered += len(wrong)
        n_wrong += sum(wrong)
        points.append(RiskPoint(confidence, n_covered / len(outcomes), n_wrong / n_covered))
    return points


def area_under_risk_coverage(outcomes: Sequence[Outcome]) -> float | None:
    """Return the area under the risk-coverage curve (AURC), in [0, 1]; None without an answer.

    AURC of Geifman and El-Yaniv 2017 and Geifman, Uziel and El-Yaniv 2019, over the answers given: (1/n)
    sum of risk(i) for the i most confident, 0 at best. Among equal confidences, the risk at each position
    is its mean over all orders, so the figure does not depend on the order of the questions.
    """
    risks: list[float] = []
    n_wrong = 0.0
    for _, wrong in _by_confidence(outcomes):
        share_wrong = sum(wrong) / len(wrong)
        for _ in wrong:
            n_wrong += share_wrong
            risks.append(n_wrong / (len(risks) + 1))
    return sum(risks) / len(risks) if risks else None


def calibration_error(outcomes: Sequence[Outcome], n_bins: int = 10) -> float | None:
    """Return the expected calibration error of the answers given, in [0, 1]; None without an answer.

    Naeini, Cooper and Hauskrecht 2015, in bins of equally many answers (Nguyen and O'Connor 2015): the mean
    over answers of how far the mean confidence of their bin lies from the share of right ones in it.
    """
    answered = sorted((o for o in outcomes if o.answered), key=lambda o: o.confidence)
    n_bins = min(n_bins, len(answered))
    error = 0.0
    for n in range(n_bins):
        part = answered[n * len(answered) // n_bins : (n + 1) * len(answered) // n_bins]
        error += abs(sum(o.confidence - (o.answerable and o.right) for o in part))
    return error / len(answered) if answered else None


def _by_confidence(outcomes: Sequence[Outcome]) -> list[tuple[float, list[bool]]]:
    """Return each distinct confidence, falling, with whether each of its answers is wrong."""
    answered = sorted((o for o in outcomes if o.answered), key=lambda o: -o.confidence)
    return [
        (confidence, [not (outcome.answerable and outcome.right) for outcome in tied])
        for confidence, tied in groupby(answered, key=lambda outcome: outcome.confidence)
    ]


def _share(verdicts: Sequence[bool]) -> float | None:
    return sum(verdicts) / len(verdicts) if verdicts else None
