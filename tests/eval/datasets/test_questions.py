from pathlib import Path

import pytest

from eval.datasets.questions import load_questions
from eval.errors import BadQuestionSet

GOOD = (
    '{"id": "a", "question": "몇 명?", "answerable": true, "expected": [["3", "세"]], "documents": ["d.txt"]}'
)


def write(folder: Path, *lines: str) -> Path:
    path = folder / "set.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_question_is_read_with_its_groups_and_its_language(tmp_path: Path) -> None:
    (question,) = load_questions(write(tmp_path, GOOD, ""))
    assert question.expected == (("3", "세"),)
    assert question.documents == ("d.txt",)
    assert question.lang == "ko"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 2"),
        ('{"id": "b"}', "line 2"),
        ("[]", "line 2"),
        ('{"id": "b", "question": "q", "answerable": true}', "expects nothing"),
        (GOOD, "'a' occurs twice"),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_skipped(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(BadQuestionSet, match=words):
        load_questions(write(tmp_path, GOOD, line))


def test_an_empty_or_missing_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadQuestionSet, match="holds no question"):
        load_questions(write(tmp_path, ""))
    with pytest.raises(BadQuestionSet, match="cannot be read"):
        load_questions(tmp_path / "none.jsonl")


def test_the_sample_set_is_whole() -> None:
    root = Path(__file__).parents[3] / "eval" / "sample"
    questions = load_questions(root / "qa.jsonl")
    assert len(questions) >= 60
    assert sum(not question.answerable for question in questions) >= 15
    for question in questions:
        for name in question.documents:
            assert (root / "docs" / name).is_file(), (question.id, name)
