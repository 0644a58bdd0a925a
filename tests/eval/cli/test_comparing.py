import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import eval.runs.files
from eval.cli.app import app
from eval.errors import EvaluationError
from eval.runs.files import Run
from tests.eval.made import MANIFEST, answerable, right, run_of, unanswerable, wrong

QUESTIONS = [*(answerable(i) for i in range(8)), unanswerable(0)]


def made(name: str, n_right: int) -> Run:
    predictions = [right(q) if i < n_right else wrong(q) for i, q in enumerate(QUESTIONS)]
    return run_of(name, QUESTIONS, predictions)


BASE = made("base", 8)
WORSE = replace(made("worse", 1), manifest=MANIFEST | {"settings": {"k": 3, "llm": "small"}})
SLIGHTLY = made("slightly", 7)
PART = replace(made("part", 8), predictions=dict(list(BASE.predictions.items())[:3]))
RUNS = {str(run.folder): run for run in (BASE, WORSE, SLIGHTLY, PART)}


@pytest.fixture(autouse=True)
def _runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(eval.runs.files, "load_run", lambda folder: RUNS[str(folder)])
    monkeypatch.chdir(tmp_path)


def invoke(*arguments: str) -> tuple[int, str]:
    """Exit code, as the command line gives it, and what was printed or complained of."""
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, EvaluationError):
        return result.exception.exit_code, str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def gate_file(text: str) -> None:
    Path("gate.toml").write_text(text, encoding="utf-8")


def test_compare_prints_differences_manifest_and_the_questions_that_changed() -> None:
    code, out = invoke("compare", "base", "worse")
    assert code == 0
    assert "9 questions" in out
    assert "settings.k" in out
    assert "Lost (overall): 7" in out
    assert "q1: 1번 사업의 예산은?" in out
    assert "base 1.000: 1번 사업의 예산은 100억 원이다 [1]." in out
    assert "cand 0.000: 모릅니다." in out


def test_compare_takes_the_metrics_it_is_given() -> None:
    code, out = invoke("compare", "base", "worse", "--metric", "char_f1", "--metric", "mrr", "--json")
    assert code == 0
    assert [metric["metric"] for metric in json.loads(out)["metrics"]] == ["char_f1", "mrr"]


def test_compare_says_where_the_documents_are_too_few_to_show_anything() -> None:
    _, out = invoke("compare", "base", "worse")
    assert "too few documents for p to reach 0.05 (fewer than 6): abstained_rightly" in out


def test_compare_says_which_metrics_the_runs_do_not_have() -> None:
    code, out = invoke("compare", "base", "worse", "--metric", "mrr", "--metric", "embedding_cosine")
    assert code == 0
    assert "No question has these metrics in both runs: embedding_cosine." in out


def test_compare_refuses_a_metric_that_does_not_exist() -> None:
    code, out = invoke("compare", "base", "worse", "--metric", "faithfulness")
    assert code == 2
    assert "faithfulness" in out


def test_compare_of_an_interrupted_run_exits_3() -> None:
    code, said = invoke("compare", "base", "part")
    assert code == 3
    assert "6 of 9 questions have no prediction" in said


def test_gate_reads_gate_toml_here_and_passes_with_one_row_a_rule() -> None:
    gate_file("[expected]\nleast = 0.8\n[overall]\nleast = 0.5\n")
    code, out = invoke("gate", "base")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["expected", "overall"]
    assert out.count("passed") == 2


def test_gate_exits_1_on_a_regression() -> None:
    gate_file("[expected]\nleast = 0.8\n")
    code, out = invoke("gate", "worse")
    assert code == 1
    assert "regression" in out
    assert "below by 0.675" in out


def test_gate_says_inconclusive_and_fails_it_only_when_strict() -> None:
    gate_file("[expected]\nlargest_drop = 0.01\n")
    code, out = invoke("gate", "slightly", "--baseline", "base")
    assert (code, "inconclusive" in out) == (0, True)
    assert invoke("gate", "slightly", "--baseline", "base", "--strict")[0] == 1


def test_gate_exits_2_without_rules_and_3_on_an_interrupted_run() -> None:
    assert invoke("gate", "base")[0] == 2
    gate_file("[expected]\nleast = 0.8\n")
    assert invoke("gate", "part")[0] == 3


def test_gate_takes_rules_from_another_file(tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text("[verbatim]\nleast = 1\n", encoding="utf-8")
    assert invoke("gate", "base", "--gate", "strict.toml")[0] == 0
