import pytest

from eval.metrics.abstention import (
    Abstention,
    Outcome,
    RiskPoint,
    abstention,
    area_under_risk_coverage,
    calibration_error,
    risk_coverage,
)


def answered(right: bool, confidence: float = 0.5, *, answerable: bool = True) -> Outcome:
    return Outcome(answerable, answered=True, withheld=False, right=right, confidence=confidence)


def withheld(answerable: bool) -> Outcome:
    return Outcome(answerable, answered=False, withheld=True, right=False)


FAILED = Outcome(answerable=True, answered=False, withheld=False, right=False)


def test_rates_of_silence_over_a_set_worked_by_hand() -> None:
    # Answerable: 2 right, 1 wrong, 1 withheld, 1 failed. Unanswerable: 2 withheld, 1 answered.
    outcomes = [answered(True), answered(True), answered(False), withheld(True), FAILED]
    outcomes += [withheld(False), withheld(False), answered(False, answerable=False)]
    assert abstention(outcomes) == Abstention(
        precision=2 / 3,
        recall=2 / 3,
        false_abstention=1 / 5,
        answered_though_unanswerable=1 / 3,
    )


def test_a_rate_of_nothing_is_none_not_zero() -> None:
    rates = abstention([answered(True)])
    assert (rates.precision, rates.recall, rates.answered_though_unanswerable) == (None, None, None)


def test_curve_adds_answers_from_the_most_confident_on() -> None:
    outcomes = [answered(False, 0.2), answered(True, 0.9), answered(False, 0.6), withheld(True)]
    assert risk_coverage(outcomes) == [
        RiskPoint(0.9, 1 / 4, 0.0),
        RiskPoint(0.6, 2 / 4, 1 / 2),
        RiskPoint(0.2, 3 / 4, 2 / 3),
    ]


def test_area_is_the_mean_risk_over_the_answers() -> None:
    outcomes = [answered(False, 0.2), answered(True, 0.9), answered(False, 0.6)]
    assert area_under_risk_coverage(outcomes) == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)


def test_ties_are_one_point_and_their_area_does_not_depend_on_order() -> None:
    tied = [answered(True, 0.5), answered(False, 0.5)]
    assert risk_coverage(tied) == [RiskPoint(0.5, 1.0, 0.5)]
    # Right first: risks 0, 1/2. Wrong first: 1, 1/2. Means of both orders: 1/2, 1/2.
    assert area_under_risk_coverage(tied) == area_under_risk_coverage(tied[::-1]) == 0.5


def test_an_answer_to_an_unanswerable_question_is_a_wrong_one() -> None:
    assert area_under_risk_coverage([answered(True, 0.9, answerable=False)]) == 1.0


def test_without_an_answer_there_is_no_curve() -> None:
    assert risk_coverage([withheld(True), FAILED]) == []
    assert area_under_risk_coverage([withheld(True), FAILED]) is None


# Calibration


def test_confidence_that_says_how_often_answers_are_right_has_no_error() -> None:
    half_right = [answered(n % 2 == 0, 0.5) for n in range(20)]
    assert calibration_error(half_right, n_bins=5) == pytest.approx(0)


def test_calibration_error_of_bins_worked_by_hand() -> None:
    # Bins of two: mean confidence 0.25 and 0 right, 0.9 and 1 of 2 right.
    outcomes = [answered(False, 0.2), answered(False, 0.3), answered(True, 0.9), answered(False, 0.9)]
    assert calibration_error(outcomes, n_bins=2) == pytest.approx((0.25 + 0.4) / 2)


def test_only_answers_given_are_calibrated_and_without_one_nothing_is() -> None:
    assert calibration_error([answered(True, 1.0), withheld(True), FAILED]) == 0
    assert calibration_error([withheld(False), FAILED]) is None


def test_an_answer_to_an_unanswerable_question_is_wrong() -> None:
    assert calibration_error([answered(True, 1.0, answerable=False)]) == 1
