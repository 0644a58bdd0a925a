import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eval.datasets.ragas import read_ragas
from eval.errors import BadQuestionSet
from eval.types import GoldSpan

NEW = {
    "user_input": "분관은 몇 곳인가?",
    "reference": "분관은 세 곳이다.",
    "reference_contexts": ["분관은 세 곳이다. 본관은 하나다.", "관장은 정다운이다."],
    "synthesizer_name": "single_hop",
}
OLD = {
    "question": "분관은 몇 곳인가?",
    "ground_truth": "분관은 세 곳이다.",
    "contexts": ["분관은 세 곳이다. 본관은 하나다."],
}


def write_lines(folder: Path, *rows: Mapping[str, Any]) -> Path:
    path = folder / "testset.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_a_question_has_its_reference_as_answer_and_nothing_expected(tmp_path: Path) -> None:
    (question,) = read_ragas([write_lines(tmp_path, NEW)]).questions
    assert question.question == "분관은 몇 곳인가?"
    assert (question.answers, question.expected) == (("분관은 세 곳이다.",), ())
    assert question.tags == ("single_hop",)


def test_each_reference_context_is_a_document_and_all_are_needed(tmp_path: Path) -> None:
    imported = read_ragas([write_lines(tmp_path, NEW)])
    names = [document.name for document in imported.documents]
    assert [document.text for document in imported.documents] == NEW["reference_contexts"]
    assert imported.questions[0].gold == tuple((GoldSpan(name),) for name in names)


def test_the_same_context_of_two_questions_is_one_document(tmp_path: Path) -> None:
    imported = read_ragas([write_lines(tmp_path, NEW, NEW)])
    assert len(imported.documents) == 2
    assert [question.id for question in imported.questions] == ["q1", "q2"]


def test_the_hop_mark_that_ragas_writes_before_a_context_is_taken_off(tmp_path: Path) -> None:
    row = NEW | {"reference_contexts": ["<1-hop>\n\n분관은 세 곳이다.", "<2-hop>\n\n관장은 정다운이다."]}
    imported = read_ragas([write_lines(tmp_path, row)])
    assert [document.text for document in imported.documents] == ["분관은 세 곳이다.", "관장은 정다운이다."]


def test_the_older_names_are_read(tmp_path: Path) -> None:
    imported = read_ragas([write_lines(tmp_path, OLD)])
    assert imported.questions[0].answers == ("분관은 세 곳이다.",)
    assert imported.questions[0].gold == ((GoldSpan(imported.documents[0].name),),)


def test_contexts_that_a_system_had_found_are_documents_but_no_gold(tmp_path: Path) -> None:
    imported = read_ragas([write_lines(tmp_path, OLD | {"answer": "네 곳이다."})])
    assert len(imported.documents) == 1
    assert (imported.questions[0].gold, imported.questions[0].documents) == ((), ())
    assert imported.notes == ("questions without reference contexts, which measure no retrieval: 1",)


def test_a_list_of_ground_truths_is_several_answers(tmp_path: Path) -> None:
    row = {"question": "몇 곳?", "ground_truths": ["세 곳", "3곳"], "contexts": ["분관은 세 곳이다."]}
    assert read_ragas([write_lines(tmp_path, row)]).questions[0].answers == ("세 곳", "3곳")


def test_a_json_list_is_read(tmp_path: Path) -> None:
    path = tmp_path / "testset.json"
    path.write_text(json.dumps([NEW, OLD], ensure_ascii=False), encoding="utf-8")
    assert len(read_ragas([path]).questions) == 2


def test_a_csv_with_lists_as_pandas_writes_them_is_read(tmp_path: Path) -> None:
    path = tmp_path / "testset.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NEW)
        writer.writerow(NEW.values())
    imported = read_ragas([path])
    assert [document.text for document in imported.documents] == NEW["reference_contexts"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({}, "line 1: user_input is missing (also looked for: question)"),
        ({"question": "?"}, "line 1: reference is missing (also looked for: ground_truth, ground_truths)"),
        (NEW | {"reference": float("nan")}, "line 1: reference must be a string, not NaN"),
        (NEW | {"reference_contexts": "가"}, 'line 1: reference_contexts must be a list, not "가"'),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, row: Mapping[str, Any], words: str) -> None:
    with pytest.raises(BadQuestionSet) as caught:
        read_ragas([write_lines(tmp_path, row)])
    assert str(caught.value).endswith(words)


def test_json_that_is_no_list_of_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "testset.json"
    path.write_text(json.dumps([OLD, 3]), encoding="utf-8")
    with pytest.raises(BadQuestionSet, match=r"testset.json: must be a list of objects; item 2 is none"):
        read_ragas([path])


def test_a_csv_cell_that_is_no_list_is_named(tmp_path: Path) -> None:
    path = tmp_path / "testset.csv"
    path.write_text("question,ground_truth,contexts\n?,a,['가\n", encoding="utf-8")
    with pytest.raises(BadQuestionSet, match=r"testset.csv, line 2: contexts must be a list"):
        read_ragas([path])
