import json
from dataclasses import replace

import pytest

from eval.report.summary import Summary, cluster_of, summarise
from eval.types import GoldSpan, Prediction, Question
from tests.eval.made import answerable, failed, right, run_of, unanswerable, withheld, wrong

QUESTIONS = [answerable(i, tags=("number",) if i < 2 else ()) for i in range(5)] + [
    unanswerable(0),
    unanswerable(1),
]
ONE, TWO, THREE, FOUR, FIVE, NOTHING, ELSE = QUESTIONS
# Of 5 answerable: 2 right, 1 wrong, 1 withheld, 1 failed. Of 2 unanswerable: 1 withheld, 1 answered.
PREDICTIONS = [
    right(ONE),
    right(TWO),
    wrong(THREE),
    withheld(FOUR),
    failed(FIVE),
    right(NOTHING),
    wrong(ELSE),
]


def summary_of(questions: list[Question], predictions: list[Prediction]) -> Summary:
    run = run_of("run", questions, predictions)
    return summarise(run.questions, run.scores or {}, run.predictions)


SUMMARY = summary_of(QUESTIONS, PREDICTIONS)


def test_questions_are_counted_by_what_came_of_them() -> None:
    counts = SUMMARY.counts
    assert (counts.questions, counts.answerable, counts.answered, counts.withheld, counts.errors) == (
        7,
        5,
        4,
        2,
        1,
    )
    assert dict(counts.failures) == {"error": 1, "not retrieved": 2, "answered though unanswerable": 1}


def test_a_failed_question_stays_in_the_mean_as_0() -> None:
    expected = SUMMARY.metrics["expected"]
    assert (expected.mean, expected.n) == (2 / 5, 5)


def test_a_question_that_was_never_asked_counts_as_failed() -> None:
    summary = summary_of(QUESTIONS, PREDICTIONS[:-1])
    assert (summary.counts.missing, summary.counts.errors) == (1, 2)
    assert (summary.metrics["abstained_rightly"].mean, summary.metrics["abstained_rightly"].n) == (0.5, 2)


def test_overall_is_over_all_questions() -> None:
    assert SUMMARY.metrics["overall"].mean == pytest.approx(3 / 7)


def test_each_mean_has_an_interval_around_it() -> None:
    interval = SUMMARY.metrics["expected"].interval
    assert interval is not None
    assert 0 <= interval.low < 2 / 5 < interval.high <= 1


def test_metrics_that_count_are_given_in_total_too() -> None:
    assert SUMMARY.totals == {"uncited_sentences": 2.0, "unsupported_numbers": 0.0}


def test_slices_have_their_own_means() -> None:
    assert SUMMARY.slices["tag=number"].metrics["expected"].mean == 1.0
    assert SUMMARY.slices["answerable=false"].questions == 2
    assert "expected" not in SUMMARY.slices["answerable=false"].metrics


def test_confidence_gives_a_risk_coverage_curve() -> None:
    assert [(p.confidence, p.coverage, p.risk) for p in SUMMARY.risk_points] == [
        (0.9, 2 / 7, 0.0),
        (0.4, 4 / 7, 0.5),
    ]
    assert SUMMARY.risk_area == pytest.approx((0 + 0 + 1 / 3 + 2 / 4) / 4)


def test_an_answer_that_nothing_was_expected_of_is_neither_right_nor_wrong() -> None:
    untold = replace(ONE, expected=())
    summary = summary_of([untold, TWO], [wrong(untold), right(TWO)])
    assert [(p.coverage, p.risk) for p in summary.risk_points] == [(1.0, 0.0)]
    assert summary.metrics["overall"].n == 1


def test_times_leave_out_answers_that_did_not_come_to_the_stage() -> None:
    assert SUMMARY.cost.times_ms["total"].p50 == 1100.0
    assert SUMMARY.cost.prompt_tokens_per_s == pytest.approx(100 / 0.5)
    assert SUMMARY.cost.output_tokens_per_s == pytest.approx(25 / 0.5)
    assert SUMMARY.cost.tokens == {"prompt": 220, "cached_prompt": 20, "completion": 52}
    assert SUMMARY.cost.peak_memory_mb == 1500.0


def test_json_has_every_mean_with_its_n_and_interval_and_no_nan() -> None:
    written = json.loads(json.dumps(SUMMARY.as_json(), allow_nan=False))
    assert written["metrics"]["expected"] == {
        "mean": 0.4,
        "n": 5,
        "clusters": 5,
        "low": pytest.approx(0.0),
        "high": pytest.approx(0.8),
    }
    assert written["risk_coverage"]["points"][0] == {"confidence": 0.9, "coverage": 2 / 7, "risk": 0.0}


def test_the_same_run_gives_the_same_summary() -> None:
    assert summary_of(QUESTIONS, PREDICTIONS) == SUMMARY


def test_a_run_that_only_searched_has_no_answers_and_no_silence() -> None:
    run = run_of("run", QUESTIONS, PREDICTIONS)
    summary = summarise(run.questions, {}, {}, retrieval_only=True)
    assert summary.metrics["recall_at_5"].n == 5
    assert "expected" not in summary.metrics
    assert (summary.counts.answered, summary.risk_area, summary.abstention.recall) == (0, None, None)


def test_questions_of_one_document_are_one_cluster() -> None:
    gold = ((GoldSpan("a", "x"), GoldSpan("b", "y")),)
    with_gold = Question("1", "?", answerable=True, gold=gold, documents=("b",))
    with_document = Question("2", "?", answerable=True, documents=("a", "b"))
    assert cluster_of(with_gold) == cluster_of(with_document)
    assert cluster_of(NOTHING) != cluster_of(ELSE)


def test_an_answer_that_says_what_is_forbidden_is_a_risk_though_it_holds_what_was_expected() -> None:
    question = replace(ONE, forbidden=("예산",))
    assert summary_of([question], [right(question)]).risk_points[-1].risk == 1.0
