import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reader.calibration import UNCALIBRATED, Calibration, PassageCalibration, sigmoid

CALIBRATION = Calibration(PassageCalibration(0.25, 0.75, -1.5), (2.0, -0.5), (2.0, -1.0), 0.25, 0.75)


def test_sigmoid_of_log_odds_is_the_probability() -> None:
    assert sigmoid(0.0) == 0.5
    assert sigmoid(math.log(3)) == pytest.approx(0.75)
    assert sigmoid(-math.log(3)) == pytest.approx(0.25)


def test_sigmoid_does_not_overflow() -> None:
    assert (sigmoid(1e6), sigmoid(-1e6)) == (1.0, 0.0)


@given(st.floats(-700, 700), st.floats(-700, 700))
def test_sigmoid_never_falls(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert sigmoid(low) <= sigmoid(high)


@given(st.floats(-700, 700))
def test_probabilities_of_both_signs_add_up_to_1(x: float) -> None:
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1)


def test_a_passages_log_odds_are_the_weighted_sum() -> None:
    # 0.25 * 4 + 0.75 * -2 - 1.5
    assert CALIBRATION.passage.log_odds(4.0, -2.0) == -2.0


def test_a_questions_probability_comes_from_its_best_passage() -> None:
    # 2 * 0.5 - 1 = 0, so even odds; 2 * 1 - 1 = 1.
    assert CALIBRATION.question_probability(0.5) == 0.5
    assert CALIBRATION.question_probability(1.0) == pytest.approx(1 / (1 + math.exp(-1)))


def test_without_calibration_a_passage_has_the_mean_of_its_two_log_odds() -> None:
    assert UNCALIBRATED.passage.log_odds(3.0, -1.0) == 1.0


def test_without_calibration_a_question_has_its_best_passages_probability() -> None:
    assert UNCALIBRATED.question_probability(1.5) == sigmoid(1.5)


def test_a_calibration_survives_json() -> None:
    assert Calibration.from_dict(json.loads(json.dumps(CALIBRATION.as_dict()))) == CALIBRATION
