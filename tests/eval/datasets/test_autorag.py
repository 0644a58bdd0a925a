from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eval.datasets.autorag import read_autorag
from eval.datasets.formats import GroundTruth
from eval.errors import BadQuestionSet
from eval.types import GoldSpan, Question

CORPUS = {
    "doc_id": ["d1", "d2", "d3"],
    "contents": ["첫째 쪽", "둘째 쪽", "셋째 쪽"],
    "metadata": [{"page": 1}, {"page": 2}, {"page": 3}],
}


def write(folder: Path, retrieval_gt: Any, generation_gt: Any = ("답이다.",), **columns: Any) -> list[Path]:
    pq.write_table(pa.table(CORPUS), folder / "corpus.parquet")
    answers = generation_gt if isinstance(generation_gt, str) else list(generation_gt)
    qa = {"qid": ["q1"], "query": ["몇 쪽?"], "retrieval_gt": [retrieval_gt], "generation_gt": [answers]}
    pq.write_table(pa.table(qa | columns), folder / "qa.parquet")
    return [folder]


def read_one(paths: list[Path], ground_truth: GroundTruth | None = None) -> Question:
    (question,) = read_autorag(paths, ground_truth).questions
    return question


def span(name: str) -> GoldSpan:
    return GoldSpan(f"{name}.txt")


def complaint(paths: list[Path]) -> str:
    with pytest.raises(BadQuestionSet) as caught:
        read_autorag(paths, None)
    return str(caught.value)


def test_each_row_of_the_corpus_is_a_document(tmp_path: Path) -> None:
    imported = read_autorag(write(tmp_path, [["d1"]]), None)
    assert [(document.name, document.text) for document in imported.documents] == [
        ("d1.txt", "첫째 쪽"),
        ("d2.txt", "둘째 쪽"),
        ("d3.txt", "셋째 쪽"),
    ]


def test_inner_lists_are_alternatives_and_all_of_the_outer_list_is_needed(tmp_path: Path) -> None:
    question = read_one(write(tmp_path, [["d1", "d2"], ["d3"]]))
    assert question.gold == ((span("d1"), span("d2")), (span("d3"),))
    assert question.documents == ("d1.txt", "d2.txt", "d3.txt")


def test_answers_are_references_and_nothing_is_expected_word_for_word(tmp_path: Path) -> None:
    question = read_one(write(tmp_path, [["d1"]], ["첫째입니다.", "1쪽입니다."]))
    assert (question.answers, question.expected) == (("첫째입니다.", "1쪽입니다."), ())


def test_an_answer_may_be_a_single_string(tmp_path: Path) -> None:
    assert read_one(write(tmp_path, [["d1"]], "첫째입니다.")).answers == ("첫째입니다.",)


@pytest.mark.parametrize(
    ("ground_truth", "gold"),
    [
        (GroundTruth.OR, ((span("d1"), span("d2")),)),
        (GroundTruth.AND, ((span("d1"),), (span("d2"),))),
    ],
)
def test_a_flat_list_means_what_the_user_says(
    tmp_path: Path, ground_truth: GroundTruth, gold: tuple[tuple[GoldSpan, ...], ...]
) -> None:
    assert read_one(write(tmp_path, ["d1", "d2"]), ground_truth).gold == gold


def test_a_flat_list_is_refused_when_the_user_does_not_say(tmp_path: Path) -> None:
    words = "row 1: retrieval_gt is a flat list; say --ground-truth=and if all its documents are needed"
    assert words in complaint(write(tmp_path, ["d1", "d2"]))


@pytest.mark.parametrize("value", [["d1"], "d1", [["d1"]]])
def test_a_single_document_means_the_same_in_every_form(tmp_path: Path, value: Any) -> None:
    assert read_one(write(tmp_path, value)).gold == ((span("d1"),),)


@pytest.mark.parametrize("value", [[[]], [[""]], []])
def test_empty_ground_truth_is_no_gold(tmp_path: Path, value: Any) -> None:
    question = read_one(write(tmp_path, value))
    assert (question.gold, question.documents, question.answers) == ((), (), ("답이다.",))


def test_the_two_files_are_told_apart_in_any_order(tmp_path: Path) -> None:
    write(tmp_path, [["d1"]])
    paths = [tmp_path / "qa.parquet", tmp_path / "corpus.parquet"]
    assert read_one(paths).id == "q1"


def test_an_unknown_document_is_named_with_row_and_question(tmp_path: Path) -> None:
    assert complaint(write(tmp_path, [["d9"]])).endswith(
        "qa.parquet, row 1, qid 'q1': needs the document 'd9', which is not among the documents"
    )


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    paths = write(tmp_path, [["d1"]])
    pq.write_table(pa.table({"qid": ["q1"], "query": ["?"]}), tmp_path / "qa.parquet")
    assert "qa.parquet: lacks the column retrieval_gt; needed are qid, query" in complaint(paths)


def test_a_value_of_another_type_is_named(tmp_path: Path) -> None:
    assert complaint(write(tmp_path, [["d1"]], qid=[7])).endswith("row 1: qid must be a string, not 7")


def test_a_file_that_is_not_parquet_is_refused(tmp_path: Path) -> None:
    paths = write(tmp_path, [["d1"]])
    (tmp_path / "corpus.parquet").write_bytes(b"doc_id,contents\n")
    assert "corpus.parquet: cannot be read as Parquet" in complaint(paths)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    paths = write(tmp_path, [["d1"]])
    data = bytearray((tmp_path / "corpus.parquet").read_bytes())
    data[4:200] = b"\xff" * 196
    (tmp_path / "corpus.parquet").write_bytes(data)
    assert "corpus.parquet: cannot be read as Parquet" in complaint(paths)


def test_a_small_file_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write(tmp_path, [["d1"]])
    monkeypatch.setattr("eval.datasets.autorag._MOST_BYTES", 1_000_000)
    many = pa.table({"doc_id": [str(n) for n in range(2)], "contents": ["가" * 400_000, "나" * 400_000]})
    pq.write_table(many, tmp_path / "corpus.parquet", compression="zstd")
    assert (tmp_path / "corpus.parquet").stat().st_size < 10_000
    assert "corpus.parquet: 2 MB unpacked is more than the limit of 1 MB" in complaint(paths)


def test_repeated_text_that_a_file_stores_once_counts_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write(tmp_path, [["d1"]])
    monkeypatch.setattr("eval.datasets.imported.MOST_TEXT_CHARS", 5_000)
    many = pa.table({"doc_id": [str(n) for n in range(100)], "contents": ["가" * 100] * 100})
    pq.write_table(many, tmp_path / "corpus.parquet")
    assert "corpus.parquet, row 51: there are more than" in complaint(paths)


def test_one_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [["d1"]])
    assert complaint([tmp_path / "qa.parquet"]).startswith("AutoRAG sets are a corpus and a qa file")


def test_a_file_of_more_rows_than_fit_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write(tmp_path, [["d1"]])
    monkeypatch.setattr("eval.datasets.autorag.MOST_DOCUMENTS", 2)
    assert complaint(paths).endswith(
        "corpus.parquet: 3 rows are more than the limit of 2; import a part of the set"
    )
