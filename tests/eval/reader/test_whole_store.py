from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.reader.whole_store import (
    StoreQuestion,
    StoreScore,
    expected_calibration_error,
    reliability,
    score_store_questions,
)
from index.reader.calibration import Calibration, PassageCalibration, sigmoid
from index.reader.types import Reader, ReaderPassage, Reading, SentenceScore
from index.types import Hit, Span
from tests.eval.reader.samples import make_hit

CALIBRATION = Calibration(PassageCalibration(), (1.0, 0.0), (2.0, -1.0), 0.5, 0.8)


@dataclass(slots=True)
class ByWord:
    """A sentence's and a passage's scores are the number in its text: as a share, and as log-odds."""

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        return [self._reading(passage) for passage in passages]

    def _reading(self, passage: ReaderPassage) -> Reading:
        shares = [float(passage.sentence_text(i)) for i in range(len(passage.sentences))]
        sentences = tuple(map(SentenceScore, passage.sentences, shares))
        return Reading(max(shares), max(shares), sentences, ())


def ask(hits: Sequence[Hit], needed: Sequence[tuple[str, Span]], *, answerable: bool = True) -> StoreQuestion:
    """A question whose evidence are these sentences of these documents."""
    return StoreQuestion(
        "?", "ko", answerable, tuple(hits), lambda hit, span: (hit.document_id, span) in needed
    )


def score(question: StoreQuestion, search_log_odds: float = 0.0) -> StoreScore:
    (found,) = score_store_questions(cast(Reader, ByWord()), CALIBRATION, [question], search_log_odds)
    return found


# Passages a, b and c as searched; by their best sentence b, c, a.
HITS = [
    make_hit("a", "0.1", "0.2", score=0.9),
    make_hit("b", "0.8", "0.3", start=100, score=0.5),
    make_hit("c", "0.7", score=0.1),
]
SECOND_OF_A, FIRST_OF_B, SECOND_OF_B = ("a", Span(4, 7)), ("b", Span(100, 103)), ("b", Span(104, 107))
ONLY_OF_C = ("c", Span(0, 3))


# Ranks


def test_ranks_are_of_the_first_passage_with_evidence_before_and_after_reading() -> None:
    found = score(ask(HITS, [ONLY_OF_C]))
    assert (found.before, found.after) == (3, 2)


def test_of_several_passages_with_evidence_the_first_counts() -> None:
    found = score(ask(HITS, [SECOND_OF_A, FIRST_OF_B]))
    assert (found.before, found.after) == (1, 1)


def test_where_the_search_decides_nothing_is_reordered() -> None:
    found = score(ask(HITS, [ONLY_OF_C]), search_log_odds=1000.0)
    assert (found.before, found.after) == (3, 3)


def test_sentences_are_ranked_by_their_own_and_their_passages_probability() -> None:
    # 0.8 * 0.8, 0.7 * 0.7, 0.3 * 0.8, 0.2 * 0.2, 0.1 * 0.2.
    needed = [FIRST_OF_B, ONLY_OF_C, SECOND_OF_B, SECOND_OF_A]
    assert [score(ask(HITS, [sentence])).sentence for sentence in needed] == [1, 2, 3, 4]


def test_the_first_three_sentences_are_texts_likeliest_first() -> None:
    assert score(ask(HITS, [])).first_three == ("0.8", "0.7", "0.3")


def test_without_evidence_there_are_no_ranks() -> None:
    found = score(ask(HITS, []))
    assert (found.before, found.after, found.sentence) == (None, None, None)


def test_a_search_that_found_nothing_has_no_ranks_and_no_confidence() -> None:
    found = score(ask([], []))
    assert (found.before, found.after, found.sentence, found.first_three) == (None, None, None, ())
    assert found.confidence < 1e-6


def test_confidence_is_the_calibrated_log_odds_of_the_best_passage() -> None:
    assert score(ask(HITS, [])).confidence == pytest.approx(sigmoid(2 * 0.8 - 1))


def test_every_question_is_scored_in_order() -> None:
    questions = [ask(HITS, [ONLY_OF_C]), ask(HITS[:1], [])]
    scores = score_store_questions(cast(Reader, ByWord()), CALIBRATION, questions, 0.0)
    assert [s.question for s in scores] == questions


# Outcomes


def outcome(question: StoreQuestion) -> tuple[bool, bool]:
    found = score(question)
    return found.outcome.right, found.found


def test_an_answer_is_right_when_its_first_sentence_is_evidence() -> None:
    assert outcome(ask(HITS, [FIRST_OF_B])) == (True, True)


def test_evidence_below_the_first_sentence_is_found_but_not_right() -> None:
    assert outcome(ask(HITS, [ONLY_OF_C])) == (False, True)


def test_what_search_missed_is_not_found() -> None:
    assert outcome(ask(HITS, [])) == (False, False)


def test_an_unanswerable_question_is_never_found() -> None:
    assert not score(ask(HITS, [FIRST_OF_B], answerable=False)).found


def test_an_outcome_has_the_confidence_of_its_question() -> None:
    found = score(ask(HITS, [FIRST_OF_B]))
    assert found.outcome.confidence == found.confidence


# Reliability


def test_bins_hold_equally_many_and_rise() -> None:
    low, high = reliability([0.8, 0.2, 0.6, 0.4], [True, False, True, True], bins=2)
    assert low == pytest.approx((0.3, 0.5, 2))
    assert high == pytest.approx((0.7, 1.0, 2))


def test_the_calibration_error_is_the_mean_gap_over_the_bins() -> None:
    # Gaps of 0.2 and 0.3.
    error = expected_calibration_error([0.8, 0.2, 0.6, 0.4], [True, False, True, True], bins=2)
    assert error == pytest.approx(0.25)


def test_a_larger_bin_counts_for_more() -> None:
    # One question with a gap of 0.4, two with a mean confidence of 0.7 of which half are right.
    error = expected_calibration_error([0.4, 0.6, 0.8], [False, True, False], bins=2)
    assert error == pytest.approx((1 * 0.4 + 2 * 0.2) / 3)


def test_fewer_questions_than_bins_have_a_bin_each() -> None:
    assert reliability([0.9, 0.5], [True, False]) == [(0.5, 0.0, 1), (0.9, 1.0, 1)]


def test_no_questions_have_no_bins_and_no_error() -> None:
    assert (reliability([], []), expected_calibration_error([], [])) == ([], 0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), st.integers(1, 12))
def test_bins_hold_every_question_once(pairs: list[tuple[float, bool]], bins: int) -> None:
    points = reliability([c for c, _ in pairs], [r for _, r in pairs], bins)
    assert sum(n for _, _, n in points) == len(pairs)
    assert sum(share * n for _, share, n in points) == pytest.approx(sum(r for _, r in pairs))


def test_confidence_that_is_always_right_has_no_error() -> None:
    assert expected_calibration_error([1.0, 1.0, 0.0, 0.0], [True, True, False, False], bins=2) == 0
