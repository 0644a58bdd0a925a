"""`inyong feedback export` as an operator uses it."""

import json
from pathlib import Path

import pytest

from eval.datasets.questions import load_questions
from service.storage.answers import Archive, Rating
from service.storage.permissions import EVERYONE
from tests.service.cli.conftest import Run
from tests.service.storage.test_rated_answers import ABSTAINED, CITED


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INYONG_HOME", str(tmp_path / "home"))
    archive = Archive(tmp_path / "home", keep_days=30)
    for answer, rating in ((CITED, Rating.UP), (ABSTAINED, Rating.DOWN)):
        archive.keep(answer, EVERYONE)
        archive.add_feedback(answer.id, EVERYONE, rating, "있는데요")
    archive.close()
    return tmp_path / "home"


def test_answers_rated_up_are_written_and_the_others_counted(run: Run, home: Path) -> None:
    result = run("feedback", "export", "-o", "set.jsonl")
    assert result.code == 0
    assert "set.jsonl: 1 questions; next: inyong eval check" in result.out
    assert "1 answers rated down are left out" in result.err
    assert [question.id for question in load_questions(Path("set.jsonl"))] == [CITED.id]


def test_answers_rated_down_go_to_a_file_of_their_own(run: Run, home: Path) -> None:
    assert run("feedback", "export", "-o", "set.jsonl", "--down", "down.jsonl").code == 0
    (line,) = Path("down.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["comment"] == "있는데요"


def test_the_set_passes_the_check_of_the_evaluation(run: Run, home: Path) -> None:
    docs = Path("docs")
    docs.mkdir()
    (docs / "library.md").write_text("도서관의 예산은 350억 원이다.", "utf-8")
    run("feedback", "export", "-o", "set.jsonl")
    assert run("eval", "check", "set.jsonl", "--docs", "docs").code == 0


def test_nothing_rated_is_one_sentence_and_no_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INYONG_HOME", str(tmp_path / "empty"))
    result = run("feedback", "export", "-o", "set.jsonl")
    assert (result.code, Path("set.jsonl").exists()) == (1, False)
    assert "no answer is rated up" in result.complaint()


def test_a_file_that_cannot_be_written_is_one_sentence(run: Run, home: Path) -> None:
    result = run("feedback", "export", "-o", "nowhere/set.jsonl")
    assert result.code == 1
    assert "nowhere" in result.complaint()
