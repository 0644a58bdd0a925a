from pathlib import Path

import pytest

from eval.datasets.formats import Format, ImportOptions, read_set
from eval.errors import BadQuestionSet


def write(folder: Path, text: str) -> Path:
    path = folder / "set.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_set_without_a_question_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadQuestionSet, match=r"set.csv: holds no question"):
        read_set(Format.CSV, [write(tmp_path, "question,answers\n")], ImportOptions())


def test_a_question_id_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "id,question,answers\na,하나?,1\na,둘?,2\n")
    with pytest.raises(BadQuestionSet, match=r"set.csv: the question id 'a' occurs twice"):
        read_set(Format.CSV, [path], ImportOptions())


@pytest.mark.parametrize("kind", [Format.CSV, Format.BEIR])
def test_formats_of_one_path_refuse_several(tmp_path: Path, kind: Format) -> None:
    with pytest.raises(BadQuestionSet, match=f"{kind} sets are imported one at a time; 2 paths were given"):
        read_set(kind, [tmp_path, tmp_path], ImportOptions())


@pytest.mark.parametrize("kind", Format)
def test_a_missing_path_is_one_sentence_in_every_format(tmp_path: Path, kind: Format) -> None:
    with pytest.raises(BadQuestionSet) as caught:
        read_set(kind, [tmp_path / "none"], ImportOptions())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", Format)
def test_random_bytes_are_one_sentence_in_every_format(tmp_path: Path, kind: Format) -> None:
    for name in ("set.csv", "corpus.jsonl", "corpus.parquet", "qa.parquet"):
        (tmp_path / name).write_bytes(bytes(range(256)) * 40)
    folders = (Format.AUTORAG, Format.BEIR)
    with pytest.raises(BadQuestionSet) as caught:
        read_set(kind, [tmp_path if kind in folders else tmp_path / "set.csv"], ImportOptions())
    assert "\n" not in str(caught.value)
