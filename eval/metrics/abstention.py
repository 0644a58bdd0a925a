"""Whether a system is silent when it should be, and whether its confidence tells when it is right. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question and what came of it. A failed question is neither answered nor withheld.

    right: the answer shown is right. confidence: in [0, 1], of an answer.
    """

    answerable: bool
    answered: bool
    withheld: bool
    right: bool
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Abstention:
    """Rates of silence, None where there is nothing to divide by.

    precision: of the withheld answers, those to unanswerable questions. recall: of the unanswerable
    questions, those withheld. false_abstention: of the answerable questions, those withheld.
    answered_though_unanswerable: of the unanswerable questions, those answered.
    """

    precision: float | None
    recall: float | None
    false_abstention: float | None
    answered_though_unanswerable: float | None


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """With every answer of at least this confidence given: share of all questions answered, share wrong."""

    confidence: float
    coverage: float
    risk: float


def abstention(outcomes: Sequence[Outcome]) -> Abstention:
    """The rates over all outcomes."""
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
    """The risk-coverage curve, most confident answers first; one point for each confidence there is.

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
    """Mean risk over the answers given, each with those at least as confident; None without an answer.

    AURC of Geifman and El-Yaniv 2017 and Geifman, Uziel and El-Yaniv 2019, over the answers given: (1/n)
    sum of risk(i) for the i most confident, 0 at best. Among equal confidences every order is as likely as
    any other, and the risk of each position is its mean over these orders, so the figure does not depend
    on the order of the questions.
    """
    risks: list[float] = []
    n_wrong = 0.0
    for _, wrong in _by_confidence(outcomes):
        share_wrong = sum(wrong) / len(wrong)
        for _ in wrong:
            n_wrong += share_wrong
            risks.append(n_wrong / (len(risks) + 1))
    return sum(risks) / len(risks) if risks else None


def _by_confidence(outcomes: Sequence[Outcome]) -> list[tuple[float, list[bool]]]:
    """For each confidence of an answer, falling: whether each answer of this confidence is wrong."""
    answered = sorted((o for o in outcomes if o.answered), key=lambda o: -o.confidence)
    return [
        (confidence, [not (outcome.answerable and outcome.right) for outcome in tied])
        for confidence, tied in groupby(answered, key=lambda outcome: outcome.confidence)
    ]


def _share(verdicts: Sequence[bool]) -> float | None:
    return sum(verdicts) / len(verdicts) if verdicts else None
