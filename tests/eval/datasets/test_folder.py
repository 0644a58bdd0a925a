import errno
from pathlib import Path

import pytest

from eval.datasets.folder import require_free, write_folder
from eval.datasets.imported import DocumentCollector, ImportedSet
from eval.datasets.questions import load_questions
from eval.errors import BadQuestionSet
from eval.types import Question


def make_set(*idents: str, question: str = "몇 명?") -> ImportedSet:
    documents = DocumentCollector()
    for ident in idents:
        documents.add(ident, f"{ident}의 내용 1", "", "test")
    return documents.finish([Question("q", question, False, lang="ko")])


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_documents_and_questions_are_written(tmp_path: Path) -> None:
    imported = make_set("a", "b")
    write_folder(imported, tmp_path / "set")
    assert below(tmp_path) == ["set", "set/docs", "set/docs/a.txt", "set/docs/b.txt", "set/qa.jsonl"]
    assert (tmp_path / "set" / "docs" / "a.txt").read_text(encoding="utf-8") == "a의 내용 1"
    assert tuple(load_questions(tmp_path / "set" / "qa.jsonl")) == imported.questions


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    write_folder(make_set("a"), tmp_path / "set")
    assert below(tmp_path / "set") == ["docs", "docs/a.txt", "qa.jsonl"]


def test_hostile_ids_stay_inside_the_folder(tmp_path: Path) -> None:
    write_folder(make_set("../../x", "/etc/passwd", "..", "a/b"), tmp_path / "set")
    assert {path.parent for path in tmp_path.rglob("*.txt")} == {tmp_path / "set" / "docs"}
    assert len(list(tmp_path.rglob("*.txt"))) == 4


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(BadQuestionSet, match="is not empty; name a new folder"):
        require_free(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set").touch()
    with pytest.raises(BadQuestionSet, match="set: is not a folder that can be read"):
        require_free(tmp_path / "set")


def test_the_same_set_again_changes_nothing(tmp_path: Path) -> None:
    write_folder(make_set("a"), tmp_path / "set")
    before = (tmp_path / "set" / "qa.jsonl").stat().st_mtime_ns
    write_folder(make_set("a"), tmp_path / "set")
    assert (tmp_path / "set" / "qa.jsonl").stat().st_mtime_ns == before
    assert below(tmp_path) == ["set", "set/docs", "set/docs/a.txt", "set/qa.jsonl"]


@pytest.mark.parametrize("other", [make_set("a", "b"), make_set("b"), make_set("a", question="몇 곳?")])
def test_another_set_in_the_folder_is_kept(tmp_path: Path, other: ImportedSet) -> None:
    write_folder(make_set("a"), tmp_path / "set")
    with pytest.raises(BadQuestionSet, match="set: holds another question set"):
        write_folder(other, tmp_path / "set")
    assert below(tmp_path) == ["set", "set/docs", "set/docs/a.txt", "set/qa.jsonl"]


def test_nothing_is_left_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, lines: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("eval.datasets.questions.write_lines", full)
    with pytest.raises(OSError, match="No space left"):
        write_folder(make_set("a"), tmp_path / "set")
    assert below(tmp_path) == []


def test_two_documents_of_one_file_name_are_refused(tmp_path: Path) -> None:
    documents = make_set("a").documents
    with pytest.raises(BadQuestionSet, match=r"two documents would both become the file a.txt"):
        write_folder(ImportedSet((*documents, *documents), ()), tmp_path / "set")
    assert below(tmp_path) == []
