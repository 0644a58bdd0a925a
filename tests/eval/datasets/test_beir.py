import json
from pathlib import Path

import pytest

from eval.datasets.beir import read_beir
from eval.errors import BadQuestionSet
from eval.types import GoldSpan

CORPUS = [
    {"_id": "d1", "title": "도서관", "text": "분관은 세 곳이다.", "metadata": {}},
    {"_id": "d2", "title": "", "text": "축제는 5월이다."},
    {"_id": "d3", "title": "제목뿐", "text": ""},
]
QUERIES = [
    {"_id": "q1", "text": "분관은 몇 곳?"},
    {"_id": "q2", "text": "when is it?"},
    {"_id": "q3", "text": "?"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq1\td3\t0\nq2\td3\t1\n"


def write(folder: Path, qrels: str = QRELS, split: str = "test") -> Path:
    for name, records in (("corpus", CORPUS), ("queries", QUERIES)):
        lines = [json.dumps(record, ensure_ascii=False) for record in records]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "qrels").mkdir()
    (folder / "qrels" / f"{split}.tsv").write_text(qrels, encoding="utf-8", newline="")
    return folder


def complaint(folder: Path) -> str:
    with pytest.raises(BadQuestionSet) as caught:
        read_beir(folder, "test")
    return str(caught.value).removeprefix(f"{folder}/")


def test_documents_begin_with_their_title(tmp_path: Path) -> None:
    texts = [document.text for document in read_beir(write(tmp_path), "test").documents]
    assert texts == ["도서관\n\n분관은 세 곳이다.", "축제는 5월이다.", "제목뿐"]


def test_each_document_judged_above_zero_is_a_group_of_its_own(tmp_path: Path) -> None:
    question = read_beir(write(tmp_path), "test").questions[0]
    assert question.gold == ((GoldSpan("d1.txt"),), (GoldSpan("d2.txt"),))
    assert question.documents == ("d1.txt", "d2.txt")
    assert (question.answerable, question.expected, question.answers) == (True, (), ())


def test_queries_without_a_judgement_are_left_out(tmp_path: Path) -> None:
    assert [question.id for question in read_beir(write(tmp_path), "test").questions] == ["q1", "q2"]


def test_queries_without_a_relevant_document_are_left_out_and_counted(tmp_path: Path) -> None:
    imported = read_beir(write(tmp_path, QRELS + "q3\td1\t0\n"), "test")
    assert [question.id for question in imported.questions] == ["q1", "q2"]
    assert imported.notes == ("queries without a relevant document left out: 1",)


def test_another_split_is_read_when_asked_for(tmp_path: Path) -> None:
    assert len(read_beir(write(tmp_path, split="dev"), "dev").questions) == 2


def test_judgements_with_windows_line_ends_are_read(tmp_path: Path) -> None:
    assert len(read_beir(write(tmp_path, QRELS.replace("\n", "\r\n")), "test").questions) == 2


@pytest.mark.parametrize(
    ("qrels", "words"),
    [
        ("q1\td1\n", "qrels/test.tsv, line 1: must be query-id, corpus-id and score, parted by tabs"),
        (QRELS + "q2 d1 1\n", "qrels/test.tsv, line 6: must be query-id, corpus-id and score"),
        (QRELS + "q2\td1\thigh\n", "qrels/test.tsv, line 6: must be query-id, corpus-id and score"),
        ("q1\td9\t1\n", "queries.jsonl, line 1: query 'q1': needs the document 'd9', which is not among"),
        ("q9\td1\t1\n", "qrels: judges the query 'q9', which queries.jsonl lacks"),
    ],
)
def test_broken_judgements_are_named(tmp_path: Path, qrels: str, words: str) -> None:
    assert complaint(write(tmp_path, qrels)).startswith(words)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    assert complaint(tmp_path) == "corpus.jsonl: no such file"
