import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from eval.errors import EvaluationError
from eval.reader.examples import (
    AnswerPart,
    ExampleDocument,
    Question,
    Split,
    data_digest,
    load_examples,
    sample_questions,
    select_split,
)
from tests.eval.reader.samples import make_asked_document, make_document

QUESTION: dict[str, Any] = {
    "q": "얼마인가?",
    "lang": "ko",
    "kind": "amount",
    "answers": [{"s": 1, "text": "350억 원"}],
}
RECORD: dict[str, Any] = {
    "id": "A-1",
    "title": "예산",
    "lang": "ko",
    "genre": "notice",
    "sentences": ["올해 예산이다.", "모두 350억 원이다."],
    "questions": [QUESTION],
}


@pytest.fixture(scope="module")
def own() -> list[ExampleDocument]:
    return load_examples()


def write(path: Path, *records: Any) -> Path:
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def record(**changes: Any) -> dict[str, Any]:
    return {**RECORD, **changes}


def asking(**changes: Any) -> dict[str, Any]:
    return record(questions=[{**QUESTION, **changes}])


def without(key: str) -> dict[str, Any]:
    return {k: v for k, v in RECORD.items() if k != key}


# Loading


def test_a_document_is_loaded_with_its_questions(tmp_path: Path) -> None:
    question = {**QUESTION, "before": "예산 이야기다.", "near": [0]}
    (document,) = load_examples([write(tmp_path / "a.jsonl", record(questions=[question]))])
    assert document == ExampleDocument(
        id="A-1",
        title="예산",
        language="ko",
        genre="notice",
        sentences=("올해 예산이다.", "모두 350억 원이다."),
        questions=(
            Question(
                id="A-1#0",
                text="얼마인가?",
                previous="예산 이야기다.",
                language="ko",
                kind="amount",
                parts=(AnswerPart(1, 3, 9),),
                near=(0,),
            ),
        ),
    )


def test_a_question_without_answers_is_a_near_miss(tmp_path: Path) -> None:
    (document,) = load_examples([write(tmp_path / "a.jsonl", asking(answers=[], near=[1]))])
    (question,) = document.questions
    assert (question.answerable, question.needed, question.near) == (False, frozenset(), (1,))


def test_a_question_needs_each_of_its_answers_sentences_once(tmp_path: Path) -> None:
    answers = [{"s": 1, "text": "350억"}, {"s": 1, "text": "원"}, {"s": 0, "text": "예산"}]
    (document,) = load_examples([write(tmp_path / "a.jsonl", asking(answers=answers))])
    assert document.questions[0].needed == {0, 1}


def test_a_question_is_asked_behind_the_one_it_leans_on() -> None:
    leaning = Question("q", "그럼 얼마인가?", "예산은?", "ko", "amount", (), ())
    assert leaning.with_previous == "예산은? 그럼 얼마인가?"


def test_a_question_that_leans_on_none_is_asked_alone() -> None:
    assert Question("q", "얼마인가?", "", "ko", "amount", (), ()).with_previous == "얼마인가?"


def test_empty_lines_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "", RECORD, "   ", record(id="A-2"))
    assert [d.id for d in load_examples([path])] == ["A-1", "A-2"]


def test_a_folders_files_are_loaded_in_order_of_name(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", record(id="B-1"))
    write(tmp_path / "a.jsonl", record(id="A-1"))
    write(tmp_path / "notes.txt", "not an example")
    assert [d.id for d in load_examples([tmp_path])] == ["A-1", "B-1"]


# What is refused


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": }', "is not JSON (Expecting value at column 8)"),
        ("[]", "must be an object, one document a line"),
        (without("sentences"), "'sentences' must be a list of non-empty strings"),
        (record(sentences=[]), "'sentences' must be a list of non-empty strings"),
        (record(sentences="올해 예산이다."), "'sentences' must be a list of non-empty strings"),
        (record(sentences=["올해 예산이다.", ""]), "'sentences' must be a list of non-empty strings"),
        (record(sentences=["올해 예산이다.", 7]), "'sentences' must be a list of non-empty strings"),
        (without("id"), "'id' must be a non-empty string"),
        (record(id=7), "'id' must be a non-empty string"),
        (record(title=""), "'title' must be a non-empty string"),
        (record(genre=None), "'genre' must be a non-empty string"),
        (record(lang="ja"), "'lang' must be ko or en, not 'ja'"),
        (without("questions"), "'questions' must be a list"),
        (record(questions=["얼마인가?"]), "question 0: must be an object with a question 'q'"),
        (record(questions=[QUESTION, {}]), "question 1: must be an object with a question 'q'"),
        (asking(q="  "), "question 0: must be an object with a question 'q'"),
        (asking(lang=None), "question 0: 'lang' must be ko or en, not None"),
        (asking(kind="size"), "question 0: kind must be one of amount, condition, count,"),
        (asking(answers=None), "question 0: 'answers' must be a list, empty for a near miss"),
        (asking(answers=["350억"]), "question 0: an answer needs 's', the index of its sentence"),
        (asking(answers=[{"s": 2, "text": "x"}]), "question 0: an answer needs 's', the index of its"),
        (asking(answers=[{"s": -1, "text": "x"}]), "question 0: an answer needs 's', the index of its"),
        (asking(answers=[{"s": True, "text": "x"}]), "question 0: an answer needs 's', the index of its"),
        (asking(answers=[{"s": 1, "text": "351억"}]), "question 0: '351억' is not in sentence 1"),
        (asking(answers=[{"s": 1, "text": ""}]), "question 0: '' is not in sentence 1"),
        (asking(answers=[{"s": 1}]), "question 0: None is not in sentence 1"),
        (asking(near=[2]), "question 0: 'near' must list indices of sentences"),
        (asking(near=1), "question 0: 'near' must list indices of sentences"),
    ],
)
def test_a_malformed_line_is_refused_by_file_line_and_reason(tmp_path: Path, line: Any, reason: str) -> None:
    path = write(tmp_path / "a.jsonl", record(id="A-0"), line)
    with pytest.raises(EvaluationError) as caught:
        load_examples([path])
    assert str(caught.value).startswith(f"{path}:2")
    assert reason in str(caught.value)


def test_an_id_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", RECORD)
    second = write(tmp_path / "b.jsonl", record(id="B-1"), RECORD)
    with pytest.raises(EvaluationError, match=f"{second}:2: the id A-1 occurs twice"):
        load_examples([tmp_path])


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes("예산".encode("cp949"))
    with pytest.raises(EvaluationError, match=f"{path}: is not UTF-8 text"):
        load_examples([path])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="missing: no such file or folder of reading examples"):
        load_examples([tmp_path / "missing"])


# Splits


def test_the_split_of_a_document_is_decided_by_its_id_alone() -> None:
    other = make_document("L-001", ("다른 문장이다.",), title="다른 제목")
    assert make_document("L-001").split is other.split


@pytest.mark.parametrize(
    ("ident", "split"),
    [
        # The first four bytes of their SHA-256, modulo 100: 9, 10, 16, 17, 23 and 24.
        ("d39", Split.TEST),
        ("d142", Split.VALIDATION),
        ("d274", Split.VALIDATION),
        ("d433", Split.CALIBRATION),
        ("d215", Split.CALIBRATION),
        ("d54", Split.TRAIN),
    ],
)
def test_a_document_stays_in_its_split_from_release_to_release(ident: str, split: Split) -> None:
    assert make_document(ident).split is split


def test_a_tenth_tests_and_seven_hundredths_each_validate_and_calibrate() -> None:
    shares = Counter(make_document(f"made-{i}").split for i in range(10_000))
    assert shares[Split.TEST] == pytest.approx(1000, abs=100)
    assert shares[Split.VALIDATION] == pytest.approx(700, abs=100)
    assert shares[Split.CALIBRATION] == pytest.approx(700, abs=100)


def test_the_projects_own_examples_fall_into_every_split_and_none_into_two(
    own: list[ExampleDocument],
) -> None:
    splits = [{d.id for d in select_split(own, split)} for split in Split]
    assert all(splits)
    assert all(one.isdisjoint(other) for one, other in combinations(splits, 2))
    assert sum(map(len, splits)) == len(own)


# The project's own examples


def test_no_document_of_the_project_has_the_sentences_of_another(own: list[ExampleDocument]) -> None:
    repeated = [text for text, n in Counter(d.sentences for d in own).items() if n > 1]
    assert repeated == []


def test_the_projects_own_examples_are_asked_in_both_languages_with_and_without_answers(
    own: list[ExampleDocument],
) -> None:
    kinds = Counter((q.language, q.answerable) for d in own for q in d.questions)
    assert min(kinds[language, answerable] for language in ("ko", "en") for answerable in (True, False)) > 50


def test_every_answer_of_the_project_is_inside_its_sentence(own: list[ExampleDocument]) -> None:
    for document in own:
        for part in (part for question in document.questions for part in question.parts):
            assert 0 <= part.start < part.end <= len(document.sentences[part.sentence])


# Digest


def test_the_digest_does_not_depend_on_the_order() -> None:
    one, other = make_document("a"), make_document("b")
    assert data_digest([one, other]) == data_digest([other, one])


def test_another_answer_is_another_digest(tmp_path: Path) -> None:
    before = load_examples([write(tmp_path / "a.jsonl", RECORD)])
    after = load_examples([write(tmp_path / "b.jsonl", asking(answers=[{"s": 1, "text": "350억"}]))])
    assert data_digest(before) != data_digest(after)


def test_documents_with_unpaired_surrogates_have_a_digest() -> None:
    assert data_digest([make_document("a", ("\ud800",))]) != data_digest([make_document("a", ("\ud801",))])


def test_a_sample_of_questions_is_the_same_each_time_and_drops_documents_without_any() -> None:
    documents = [make_asked_document("a"), make_asked_document("b"), make_document("c")]
    sample = sample_questions(documents, 3)
    assert sample == sample_questions(documents, 3)
    assert sum(len(d.questions) for d in sample) == 3
    assert all(d.questions for d in sample)
    assert sample_questions(documents, 99) == documents[:2]
