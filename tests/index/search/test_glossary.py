"""The glossary's words are made once and kept; losing the file costs time alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from index.search.glossary import load_glossary
from index.search.keyword_index import MorphemeAnalyzer
from index.search.terms import Glossary, Term


@dataclass
class Counting:
    """Splits at spaces, and counts how often it is asked to."""

    n_asked: int = 0

    def words(self, text: str) -> list[str]:
        return text.split()

    def words_of_many(self, texts: Sequence[str]) -> list[list[str]]:
        self.n_asked += 1
        return [text.split() for text in texts]


def load(folder: Path, splitter: Counting | None = None, analyzer: str = "spaces 1") -> Glossary:
    return load_glossary(splitter or Counting(), analyzer, folder)


def budget(glossary: Glossary) -> list[Term]:
    return glossary.terms(["budget"])


def the_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_it_is_made_once(tmp_path: Path) -> None:
    first, again = Counting(), Counting()
    made, read = load(tmp_path, first), load(tmp_path, again)
    assert (first.n_asked > 0, again.n_asked) == (True, 0)
    assert budget(made) == budget(read)
    assert ("예산",) in budget(read)[0].alternatives


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"[1]", b"{}x", b"[[1, 2]]", b"\xff"])
def test_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    whole = budget(load(tmp_path))
    kept = the_file(tmp_path)
    good = kept.read_bytes()
    kept.write_bytes(content)
    assert budget(load(tmp_path)) == whole
    assert the_file(tmp_path).read_bytes() == good


def test_file_of_another_analyzer_is_not_read_and_goes(tmp_path: Path) -> None:
    load(tmp_path)
    before = the_file(tmp_path)
    newer = Counting()
    load(tmp_path, newer, "spaces 2")
    assert newer.n_asked > 0
    assert the_file(tmp_path) != before


def test_folder_that_is_not_there_costs_time_alone(tmp_path: Path) -> None:
    assert budget(load(tmp_path / "missing")) == budget(load(tmp_path))


def test_entries_of_the_project_are_sorted_and_can_all_be_found(analyzer: MorphemeAnalyzer) -> None:
    text = files("index.search").joinpath("glossary.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    english = [row[0] for row in rows]
    assert english == sorted(set(english))
    assert all(len(row) == 2 and row[1] == " ".join(dict.fromkeys(row[1].split())) for row in rows)
    assert [words for words in analyzer.words_of_many(english) if not 1 <= len(words) <= 3] == []
