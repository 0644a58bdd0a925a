"""An evaluation of the sample set from the command line, with the real models."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from service.cli import main; main()"]
ASK = ("run", "--limit", "3", "-o", "run", "--timeout-s", "900")  # a busy machine is no failure


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "eval", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of the first three questions of the sample set."""
    folder = tmp_path_factory.mktemp("evaluation")
    done = run(*ASK, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "3 questions: " in done.stdout
    return folder


def test_every_question_is_answered_or_withheld_and_every_quote_is_exact(office: Path) -> None:
    summary = json.loads((office / "run" / "summary.json").read_text(encoding="utf-8"))
    assert summary["complete"] is True
    counts = summary["counts"]
    assert (counts["questions"], counts["errors"]) == (3, 0)
    assert counts["answered"] + counts["withheld"] == 3
    assert summary["metrics"]["verbatim"]["mean"] == 1.0
    assert summary["totals"]["unsupported_numbers"] == 0
    assert summary["metrics"]["recall_at_5"]["mean"] > 0
    assert summary["times_ms"]["total"]["p50"] > 0


def test_the_manifest_names_the_bytes_of_both_models(office: Path) -> None:
    models = json.loads((office / "run" / "manifest.json").read_text(encoding="utf-8"))["models"]
    for kind in ("embedding", "llm"):
        files = models[kind]["files"].values()
        assert any(file["bytes"] > 10**6 and len(file["sha256"]) == 64 for file in files)


def test_scoring_again_gives_the_same_figures(office: Path) -> None:
    before = (office / "run" / "summary.json").read_bytes()
    done = run("score", "run", folder=office)
    assert done.returncode == 0, done.stderr
    assert (office / "run" / "summary.json").read_bytes() == before


def test_a_complete_run_is_gone_on_with_without_asking(office: Path) -> None:
    before = (office / "run" / "predictions.jsonl").read_bytes()
    done = run(*ASK, "--resume", folder=office)
    assert done.returncode == 0, done.stderr
    assert (office / "run" / "predictions.jsonl").read_bytes() == before
