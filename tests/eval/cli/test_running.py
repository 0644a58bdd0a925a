"""The commands that ask, score, show and sweep: arguments in; exit code, output and files out."""

import json
import shutil
from pathlib import Path

import pytest

from eval.runs.request import RunRequest
from service.inyong import Inyong
from tests.eval.conftest import REFUSAL, RIGHT_BUDGET, RIGHT_DATE, interrupt_after, script
from tests.service.cli.conftest import Run
from tests.service.conftest import World, load_analyzer

FILES = {
    "manifest.json",
    "questions.jsonl",
    "documents.jsonl",
    "predictions.jsonl",
    "scores.jsonl",
    "summary.json",
    "junit.xml",
    "report.html",
}


@pytest.fixture(autouse=True)
def _one_analyzer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kiwi is loaded once for all tests."""
    monkeypatch.setattr("eval.runs.score._morphemes", lambda: load_analyzer().words_of_many)


@pytest.fixture
def answering(world: World) -> World:
    """Right about the budget, wrong about the date, silent about the mayor."""
    script(world, "", RIGHT_BUDGET, "축제는 2026년 강변에서 열린다.", REFUSAL)
    return world


def test_a_run_leaves_its_folder_and_prints_its_figures(
    run: Run, answering: World, town_set: Path, tmp_path: Path
) -> None:
    result = run("eval", "run", str(town_set), "-o", str(tmp_path / "run"))
    assert result.code == 0  # also when answers are wrong: that is what the gate is for
    assert {path.name for path in (tmp_path / "run").iterdir()} - {".lock"} == FILES
    assert "expected" in result.out
    assert "3 questions: 2 answered, 1 withheld, 0 failed" in result.out
    assert "1 misphrased" in result.out
    assert "unsupported numbers shown: 0" in result.out
    assert "seconds a question: median" in result.out


def test_documents_are_indexed_into_a_store_beside_the_run(
    run: Run, answering: World, town_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INYONG_HOME", str(tmp_path / "elsewhere"))
    arguments = ("eval", "run", str(town_set), "--docs", str(answering.documents))
    assert run(*arguments, "-o", str(tmp_path / "runs" / "1")).code == 0
    n_embedded = len(answering.embedder.embedded)
    assert run(*arguments, "-o", str(tmp_path / "runs" / "2")).code == 0
    assert len(answering.embedder.embedded) == n_embedded  # the store was in step
    assert len(list((tmp_path / "runs" / ".stores").iterdir())) == 1
    assert not (tmp_path / "elsewhere").exists()


def test_a_document_that_is_gone_is_not_searched_any_more(
    run: Run, answering: World, town_set: Path, tmp_path: Path
) -> None:
    arguments = ("eval", "run", str(town_set), "--docs", str(answering.documents))
    run(*arguments, "-o", str(tmp_path / "runs" / "1"))
    (answering.documents / "festival.md").unlink()
    result = run(*arguments, "-o", str(tmp_path / "runs" / "2"))
    assert result.code == 2
    assert "date has gold in festival.md, which is not among the 1 documents searched" in result.err


def test_without_a_set_the_sample_set_is_asked(
    run: Run, answering: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[RunRequest] = []

    def stop(inyong: Inyong, request: RunRequest, show: object) -> None:
        asked.append(request)
        assert inyong.catalog().counts()[0] > 10
        raise FileNotFoundError("far enough")

    monkeypatch.setattr("eval.runs.run.run_set", stop)
    assert run("eval", "run", "-o", str(tmp_path / "run")).code == 1
    assert asked[0].set_path.parts[-3:] == ("data", "sample", "qa.jsonl")


def test_a_run_that_is_there_already_is_refused(
    run: Run, answering: World, town_set: Path, tmp_path: Path
) -> None:
    run("eval", "run", str(town_set), "-o", str(tmp_path / "run"))
    result = run("eval", "run", str(town_set), "-o", str(tmp_path / "run"))
    assert result.code == 2
    assert "--resume" in result.complaint()


def test_a_stopped_run_says_how_to_go_on(
    run: Run, answering: World, town_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(2, monkeypatch)
    result = run("eval", "run", str(town_set), "-o", str(tmp_path / "run"))
    assert result.code == 130
    assert f"--resume -o {tmp_path / 'run'}" in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--resume", "SET"), "name the run to go on with"),
        (("--home", "h"), "name the question set"),
        (("--home", "h", "--docs", "d", "SET"), "not both"),
        (("--docs", "nowhere", "SET"), "nowhere: no such file or folder"),
        (("nowhere.jsonl",), "nowhere.jsonl"),
    ],
)
def test_arguments_that_do_not_go_together_are_told(
    run: Run, world: World, town_set: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = run("eval", "run", *(str(town_set) if word == "SET" else word for word in arguments))
    assert result.code == 2
    assert said in " ".join(result.err.replace("│", " ").split())
    assert "Traceback" not in result.err


def test_scoring_needs_neither_store_nor_models(
    run: Run, answering: World, town_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    before = run("eval", "run", str(town_set), "-o", str(folder))
    shutil.rmtree(answering.settings.home)
    monkeypatch.setattr("service.wiring.load_embedder", None)
    monkeypatch.setattr("service.wiring.load_generator", None)
    for name in ("scores.jsonl", "summary.json", "junit.xml", "report.html"):
        (folder / name).unlink()
    after = run("eval", "score", str(folder))
    assert after.code == 0
    assert after.out == before.out
    assert {path.name for path in folder.iterdir()} - {".lock"} == FILES


def test_the_cosine_of_embeddings_is_scored_when_asked_for(
    run: Run, answering: World, town_set: Path, tmp_path: Path
) -> None:
    assert "embedding_cosine" not in run("eval", "run", str(town_set), "-o", str(tmp_path / "run")).out
    assert "embedding_cosine" in run("eval", "score", str(tmp_path / "run"), "--cosine").out


def test_an_incomplete_run_is_scored_and_exits_with_3(
    run: Run, answering: World, town_set: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    run("eval", "run", str(town_set), "-o", str(folder))
    path = folder / "predictions.jsonl"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    result = run("eval", "score", str(folder))
    assert result.code == 3
    assert "incomplete, 2 of 3 questions were never asked and score 0, the first is date" in result.err
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["complete"] is False


@pytest.mark.parametrize("command", ["score", "report"])
def test_a_folder_that_holds_no_run_is_told(run: Run, tmp_path: Path, command: str) -> None:
    result = run("eval", command, str(tmp_path))
    assert result.code == 2
    assert "holds no run" in result.complaint()


def test_a_report_shows_the_changes_from_a_baseline(
    run: Run, answering: World, town_set: Path, tmp_path: Path
) -> None:
    run("eval", "run", str(town_set), "-o", str(tmp_path / "base"))
    answering.generator.prompts.clear()
    script(answering, "", RIGHT_BUDGET, RIGHT_DATE, REFUSAL)
    run("eval", "run", str(town_set), "-o", str(tmp_path / "cand"))
    result = run("eval", "report", str(tmp_path / "cand"), "--baseline", str(tmp_path / "base"))
    assert result.code == 0
    assert "Changes since base" in (tmp_path / "cand" / "report.html").read_text(encoding="utf-8")


# Sweep


def test_a_sweep_prints_each_setting_and_the_best(
    run: Run, answering: World, town_set: Path, tmp_path: Path
) -> None:
    result = run(
        "eval",
        "sweep",
        str(town_set),
        "--docs",
        str(answering.documents),
        "--set",
        "k=1,3",
        "--retrieval-only",
        "--metric",
        "mrr",
        "-o",
        str(tmp_path / "runs" / "sweep"),
    )
    assert result.code == 0, result.err
    assert {"k 1", "k 3"} <= {line[:3] for line in result.out.splitlines()}
    assert "best" in result.out
    assert "chosen on 2 questions, reported on the other 1" in result.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "the grid is empty"),
        (("--set", "k"), "is not NAME=VALUE"),
        (("--set", "k=0"), "must be from 1 to 50"),
        (("--set", "k=1", "--metric", "mmr"), "is no metric to choose by"),
        (("--set", "k=1", "--metric", "uncited_sentences"), "is no metric to choose by"),
    ],
)
def test_a_sweep_that_cannot_be_is_told(
    run: Run, world: World, town_set: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = run("eval", "sweep", str(town_set), "--docs", str(world.documents), *arguments)
    assert result.code == 2
    assert said in " ".join(result.err.replace("│", " ").split())
