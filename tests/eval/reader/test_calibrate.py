import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.reader.calibrate import (
    ANSWERED_SHARE,
    RawQuestion,
    RawReading,
    best_log_odds,
    fit_calibration,
    read_raw,
)
from eval.reader.collection import Retrieved
from index.reader.calibration import Calibration, PassageCalibration, sigmoid
from index.reader.types import RawScores, Reader, ReaderPassage
from index.types import Span
from tests.eval.reader.samples import make_hit, make_question

N_QUESTIONS = 1500


def make_reading(sentences: Sequence[float], passage: float, needed: Sequence[bool]) -> RawReading:
    return RawReading(np.array(sentences, dtype=float), passage, np.array(needed, dtype=bool))


def draw_questions(seed: int = 0, *, sharpness: float = 1.5) -> list[RawQuestion]:
    """Questions over three passages of two sentences, each needed with the odds that its log-odds say.

    sharpness: true log-odds of one unit of a sentence's score.
    """
    rng = np.random.default_rng(seed)
    questions = []
    for _ in range(N_QUESTIONS):
        readings = []
        for _ in range(3):
            sentences = rng.normal(-1.0, 2.0, size=2)
            needed = rng.random(2) < 1 / (1 + np.exp(-sharpness * sentences + 1))
            passage = rng.normal(1.0 if needed.any() else -1.0, 1.0)
            readings.append(make_reading(list(sentences), float(passage), list(needed)))
        questions.append(RawQuestion(tuple(readings)))
    return questions


@pytest.fixture(scope="module")
def questions() -> list[RawQuestion]:
    return draw_questions()


@pytest.fixture(scope="module")
def fitted(questions: list[RawQuestion]) -> Calibration:
    return fit_calibration(questions)


def probabilities(
    questions: Sequence[RawQuestion], fitted: Calibration
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Of every question its probability, whether it was found, and whether its best sentence is needed."""
    found, right, values = [], [], []
    weight, bias = fitted.sentence
    for question in questions:
        weighted = [
            (sigmoid(weight * logit + bias) * sigmoid(log_odds), needed)
            for r in question.readings
            for log_odds in [fitted.passage.log_odds(float(max(r.sentences)), r.passage)]
            for logit, needed in zip(r.sentences, r.needed, strict=True)
        ]
        values.append(fitted.question_probability(best_log_odds(question, fitted.passage)))
        found.append(any(r.needed.any() for r in question.readings))
        right.append(bool(max(weighted, key=lambda pair: pair[0])[1]))
    return np.array(values), np.array(found), np.array(right)


def share_right(chosen: NDArray[np.bool_], found: NDArray[np.bool_], right: NDArray[np.bool_]) -> float:
    """Return the share of right answers among the chosen questions, weighted as in use."""
    weights = np.where(found, ANSWERED_SHARE / found.mean(), (1 - ANSWERED_SHARE) / (1 - found.mean()))
    return float((right * weights)[chosen].sum() / weights[chosen].sum())


# Curves


def test_a_sentences_curve_is_the_one_that_made_the_labels(fitted: Calibration) -> None:
    assert fitted.sentence == pytest.approx((1.5, -1.0), abs=0.1)


@pytest.mark.parametrize("sharpness", [0.5, 3.0])
def test_a_sharper_reader_has_a_steeper_curve(sharpness: float) -> None:
    weight, _ = fit_calibration(draw_questions(sharpness=sharpness)).sentence
    assert weight == pytest.approx(sharpness, rel=0.15)


def test_a_passages_curve_rises_with_both_of_its_log_odds(fitted: Calibration) -> None:
    assert fitted.passage.sentence_weight > 0.3
    assert fitted.passage.passage_weight > 0.3


def test_a_questions_curve_rises(fitted: Calibration) -> None:
    assert fitted.question[0] > 0.3


def test_probabilities_are_those_of_questions_of_which_so_many_are_answered_as_in_use(
    fitted: Calibration,
) -> None:
    values, found, _ = probabilities(draw_questions(seed=1), fitted)
    mean = ANSWERED_SHARE * values[found].mean() + (1 - ANSWERED_SHARE) * values[~found].mean()
    assert mean == pytest.approx(ANSWERED_SHARE, abs=0.03)


def test_a_passage_log_odds_of_0_is_found_every_other_time(fitted: Calibration) -> None:
    near = [
        r.needed.any()
        for q in draw_questions(seed=2)
        for r in q.readings
        if abs(fitted.passage.log_odds(float(max(r.sentences)), r.passage)) < 0.3
    ]
    assert np.mean(near) == pytest.approx(0.5, abs=0.1)


# Thresholds


def test_an_answer_is_given_where_it_is_likelier_than_not(fitted: Calibration) -> None:
    assert fitted.abstain == 0.5


def test_answers_from_the_check_threshold_up_are_right_19_times_in_20(
    questions: list[RawQuestion], fitted: Calibration
) -> None:
    values, found, right = probabilities(questions, fitted)
    assert share_right(values >= fitted.check - 1e-12, found, right) >= 0.95


def test_the_check_threshold_is_the_lowest_that_can_be_trusted(
    questions: list[RawQuestion], fitted: Calibration
) -> None:
    values, found, right = probabilities(questions, fitted)
    lower = np.unique(values[values < fitted.check - 1e-12])
    assert len(lower) > 100
    assert all(share_right(values >= value, found, right) < 0.95 for value in lower)


def test_where_scores_say_nothing_no_answer_is_trusted() -> None:
    questions = [RawQuestion((make_reading([0.0, 0.0], 0.0, [i % 3 == 0, i % 3 == 1]),)) for i in range(200)]
    assert fit_calibration(questions).check == 1.0


# Passages and questions without anything


def test_a_passage_without_sentences_changes_no_curve(
    questions: list[RawQuestion], fitted: Calibration
) -> None:
    empty = make_reading([], -30.0, [])
    with_empty = [RawQuestion((*question.readings, empty)) for question in questions]
    assert fit_calibration(with_empty) == fitted


def test_a_question_without_passages_has_the_least_log_odds() -> None:
    assert best_log_odds(RawQuestion(()), PassageCalibration()) == -30.0


def test_a_questions_log_odds_are_those_of_its_best_passage() -> None:
    readings = (make_reading([1.0, 3.0], -1.0, [True, True]), make_reading([2.0], 4.0, [True]))
    # 0.5 * 3 - 0.5 + 1 and 0.5 * 2 + 0.5 * 4 + 1.
    assert best_log_odds(RawQuestion(readings), PassageCalibration(bias=1.0)) == 4.0


def test_probabilities_do_not_overflow() -> None:
    questions = [
        RawQuestion((make_reading([s * 1e4, -5.0], s * 1e4, [s > 0, False]),))
        for s in (-1, 1)
        for _ in range(20)
    ]
    found = fit_calibration(questions)
    assert all(map(math.isfinite, (*found.sentence, *found.question, found.abstain, found.check)))


# What is fitted


@dataclass(slots=True)
class LengthReader:
    """A sentence's log-odds are its length, a passage's its own."""

    def raw_scores(self, question: str, passages: Sequence[ReaderPassage]) -> list[RawScores]:
        return [
            RawScores(tuple(float(len(s)) for s in passage.sentences), float(len(passage.text)))
            for passage in passages
        ]


def test_a_sentence_that_overlaps_a_needed_one_of_its_document_is_needed() -> None:
    hits = (make_hit("d", "abc", "de", start=10), make_hit("other", "abc", "de", start=10))
    retrieved = Retrieved(make_question("?"), hits, "d", (Span(14, 20),))
    one, other = read_raw(cast(Reader, LengthReader()), retrieved).readings
    assert one.sentences.tolist() == [3.0, 2.0]
    assert one.passage == 6.0
    assert one.needed.tolist() == [False, True]
    assert other.needed.tolist() == [False, False]


def test_a_search_that_found_nothing_has_no_readings() -> None:
    retrieved = Retrieved(make_question("?"), (), "d", (Span(0, 5),))
    assert read_raw(cast(Reader, LengthReader()), retrieved).readings == ()


def test_a_fitted_calibration_gives_back_its_own_probabilities(fitted: Calibration) -> None:
    weight, bias = fitted.question
    assert fitted.question_probability(0.7) == pytest.approx(sigmoid(weight * 0.7 + bias))
