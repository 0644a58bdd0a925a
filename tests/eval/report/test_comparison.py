import json
from dataclasses import replace

import pytest

from eval.errors import IncompleteRun, NotComparable
from eval.report.comparison import Difference, compare_runs, manifest_differences
from eval.runs.files import Run
from eval.types import Prediction
from tests.eval.made import MANIFEST, answerable, failed, right, run_of, unanswerable, withheld, wrong

QUESTIONS = [*(answerable(i) for i in range(8)), unanswerable(0), unanswerable(1)]
N = len(QUESTIONS)


def run(name: str, n_right: int, *others: Prediction) -> Run:
    """The first `n_right` questions are answered rightly, those of `others` as given, the rest wrongly."""
    made = {p.id: p for p in others}
    predictions = [made.get(q.id) or (right(q) if i < n_right else wrong(q)) for i, q in enumerate(QUESTIONS)]
    return run_of(name, QUESTIONS, predictions)


def only(base: Run, candidate: Run, metric: str) -> Difference:
    (difference,) = compare_runs(base, candidate, [metric]).differences
    return difference


def test_difference_is_candidate_less_base_over_the_same_questions() -> None:
    found = only(run("base", 5), run("cand", 7), "expected")
    assert (found.base, found.candidate, found.difference.mean) == (5 / 8, 7 / 8, 2 / 8)
    assert (found.wins, found.ties, found.losses) == (2, 6, 0)


def test_tests_are_exact_for_few_questions() -> None:
    found = only(run("base", 2), run("cand", 8), "expected")
    assert found.p_value == pytest.approx(2 / 2**6)
    assert found.p_mcnemar == pytest.approx(2 / 2**6)


def test_p_values_are_corrected_for_all_metrics_compared() -> None:
    comparison = compare_runs(run("base", 2), run("cand", 8), ["expected", "recall_at_1", "answered"])
    expected, recall, answered = comparison.differences
    assert (expected.p_holm, recall.p_holm) == (3 * 2 / 64, 3 * 2 / 64)
    assert (answered.p_value, answered.p_holm) == (1.0, 1.0)


def test_mcnemar_is_for_yes_or_no_metrics_only() -> None:
    assert only(run("base", 2), run("cand", 8), "char_f1").p_mcnemar is None


def test_a_failed_question_is_a_loss_not_a_gap() -> None:
    found = only(run("base", 8), run("cand", 8, failed(QUESTIONS[0])), "char_f1")
    assert (found.losses, found.difference.n) == (1, 8)


def test_fewer_uncited_sentences_are_wins() -> None:
    found = only(run("base", 5), run("cand", 7), "uncited_sentences")
    assert (found.wins, found.losses) == (2, 0)
    assert found.difference.mean < 0


def test_a_question_with_fewer_uncited_sentences_changed_for_the_better() -> None:
    (change,) = compare_runs(run("base", 5), run("cand", 6), ["uncited_sentences"]).changes
    assert (change.id, change.better, change.base_score, change.candidate_score) == ("q5", True, 1.0, 0.0)


def test_questions_with_the_metric_in_one_run_only_are_left_out_and_counted() -> None:
    found = only(run("base", 8), run("cand", 6), "verbatim")
    assert (found.difference.n, found.one_sided) == (6, 2)


def test_the_questions_that_changed_are_named_with_both_answers_losses_first() -> None:
    base = run("base", 5)
    candidate = run("cand", 5, right(QUESTIONS[6]), failed(QUESTIONS[1]))
    lost, won = compare_runs(base, candidate, ["expected", "char_f1"]).changes
    assert (lost.id, lost.better, lost.candidate_answer) == ("q1", False, "(failed: the model took too long)")
    assert (won.id, won.better, won.base_answer) == ("q6", True, "모릅니다.")
    assert won.candidate_answer == "6번 사업의 예산은 600억 원이다 [1]."


def test_a_metric_that_no_question_has_is_left_out() -> None:
    comparison = compare_runs(run("base", 5), run("cand", 7), ["embedding_cosine", "expected"])
    assert [difference.metric for difference in comparison.differences] == ["expected"]


def test_runs_without_any_of_the_metrics_cannot_be_compared_by_them() -> None:
    with pytest.raises(NotComparable, match="no question has embedding_cosine in both base and cand"):
        compare_runs(run("base", 5), run("cand", 7), ["embedding_cosine"])


def test_runs_alike_differ_by_nothing_and_say_what_the_set_could_have_shown() -> None:
    found = only(run("base", 5), run("cand", 5), "overall")
    assert (found.difference.mean, found.p_value, found.detectable) == (0.0, 1.0, 6 / N)


def fewer(source: Run, n: int) -> Run:
    kept = source.questions[:n]
    return replace(source, questions=kept)


def test_runs_on_different_sets_are_refused_and_the_way_out_is_named() -> None:
    with pytest.raises(
        NotComparable, match=r"10 questions and cand 9, of which 9 are identical.*--intersect"
    ):
        compare_runs(run("base", 5), fewer(run("cand", 5), 9), ["expected"])


def test_a_question_with_other_gold_is_another_question() -> None:
    changed = [replace(QUESTIONS[0], expected=(("1,000억",),)), *QUESTIONS[1:]]
    candidate = run_of("cand", changed, [right(q) for q in changed])
    with pytest.raises(NotComparable, match="9 are identical"):
        compare_runs(run("base", 5), candidate, ["expected"])
    comparison = compare_runs(run("base", 5), candidate, ["expected"], intersect=True)
    assert (comparison.n_questions, comparison.n_left_out) == (9, 1)
    assert comparison.differences[0].difference.n == 7


def test_runs_without_a_common_question_cannot_be_compared_at_all() -> None:
    other = [unanswerable(77)]
    with pytest.raises(NotComparable, match="no question in common"):
        compare_runs(run("base", 5), run_of("cand", other, [withheld(other[0])]), ["overall"], intersect=True)


def test_runs_over_different_documents_are_refused_unless_asked_for() -> None:
    candidate = replace(run("cand", 7), manifest=MANIFEST | {"documents_sha256": "0ther"})
    with pytest.raises(NotComparable, match="different documents"):
        compare_runs(run("base", 5), candidate, ["expected"])
    assert not compare_runs(run("base", 5), candidate, ["expected"], intersect=True).same_documents


def test_an_interrupted_run_is_refused_by_its_first_missing_question() -> None:
    part = run("cand", 7)
    part = replace(part, predictions={k: v for k, v in part.predictions.items() if k != "q3"})
    with pytest.raises(IncompleteRun, match=r"1 of 10 questions.*q3.*--resume") as caught:
        compare_runs(run("base", 5), part, ["expected"])
    assert caught.value.exit_code == 3


def test_a_run_that_was_never_scored_is_refused() -> None:
    with pytest.raises(IncompleteRun, match="inyong eval score cand"):
        compare_runs(run("base", 5), replace(run("cand", 7), scores=None), ["expected"])


def test_manifests_differ_by_dotted_key() -> None:
    base = {"settings": {"k": 6, "llm": "small"}, "seed": 1}
    candidate = {"settings": {"k": 8, "llm": "small", "prompt": "v2"}, "seed": 1}
    assert manifest_differences(base, candidate) == {"settings.k": (6, 8), "settings.prompt": (None, "v2")}


def test_a_comparison_is_json() -> None:
    written = json.loads(json.dumps(compare_runs(run("base", 5), run("cand", 7), ["expected"]).as_json()))
    assert written["metrics"][0]["wins"] == 2
    assert [change["id"] for change in written["changes"]] == ["q5", "q6"]


def test_comparing_twice_gives_the_same() -> None:
    first, second = (compare_runs(run("base", 3), run("cand", 7), ["expected", "char_f1"]) for _ in range(2))
    assert first == second
