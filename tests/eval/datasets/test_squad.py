import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from eval.datasets.imported import ImportedSet
from eval.datasets.klue_mrc import read_klue_mrc
from eval.datasets.squad import read_squad
from eval.errors import BadQuestionSet
from eval.types import GoldSpan

CONTEXT = "가람 도서관은 1998년에 문을 열었다. 장서는 3만 권이다."


def ask(*answers: tuple[str, int], **fields: Any) -> dict[str, Any]:
    found = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": "q1", "question": "언제 열었나?", "answers": found} | fields


def read(
    folder: Path, *questions: dict[str, Any], context: str = CONTEXT, title: str = "가람_도서관"
) -> ImportedSet:
    data = {"data": [{"title": title, "paragraphs": [{"context": context, "qas": list(questions)}]}]}
    return read_squad([write(folder, data)])


def write(folder: Path, data: object, name: str = "set.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


def gold_texts(imported: ImportedSet) -> list[str]:
    """What the stored documents hold at the gold spans."""
    texts = {document.name: document.text for document in imported.documents}
    return [
        texts[span.document][span.start : span.end]
        for question in imported.questions
        for group in question.gold
        for span in group
    ]


def test_a_paragraph_is_a_document_under_its_title(tmp_path: Path) -> None:
    (document,) = read(tmp_path, ask(("1998년", 8))).documents
    assert document.text == f"가람 도서관\n\n{CONTEXT}"


def test_an_answer_is_expected_and_its_offset_is_gold(tmp_path: Path) -> None:
    imported = read(tmp_path, ask(("1998년", 8)))
    (question,) = imported.questions
    assert question.expected == (("1998년",),)
    assert question.answers == ("1998년",)
    assert question.gold == ((GoldSpan(imported.documents[0].name, start=16, end=21),),)
    assert question.documents == (imported.documents[0].name,)
    assert gold_texts(imported) == ["1998년"]


def test_several_answers_are_alternatives_each_once(tmp_path: Path) -> None:
    imported = read(tmp_path, ask(("1998년", 8), ("1998년에", 8), ("1998년", 8)))
    assert imported.questions[0].expected == (("1998년", "1998년에"),)
    assert gold_texts(imported) == ["1998년", "1998년에"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_gold_of_any_unicode_form_and_line_ends_is_the_answer_in_the_stored_text(
    tmp_path: Path, form: str, line_end: str
) -> None:
    context = f"{line_end}첫째 줄의 값은 각각 3만 권, 3만 권이다.{line_end}둘째 줄의 값은 5만 권이다."
    context = unicodedata.normalize(form, context)  # type: ignore[arg-type]
    first, second = "3만 권이다", "5만 권"
    answers = [unicodedata.normalize(form, text) for text in (first, second)]  # type: ignore[arg-type]
    imported = read(tmp_path, ask(*((text, context.index(text)) for text in answers)), context=context)
    assert gold_texts(imported) == [first, second]
    assert imported.notes == ()


def test_an_impossible_question_has_neither_answer_nor_document(tmp_path: Path) -> None:
    plausible = {"plausible_answers": [{"text": "1998년", "answer_start": 8}]}
    (question,) = read(tmp_path, ask(is_impossible=True, **plausible)).questions
    assert (question.answerable, question.expected, question.gold, question.documents) == (False, (), (), ())


def test_an_answer_beside_its_offset_is_found_at_the_nearest_place_and_counted(tmp_path: Path) -> None:
    imported = read(tmp_path, ask(("3만", 9)), context="3만, 5만, 3만")
    assert imported.questions[0].gold[0][0].start == len("가람 도서관\n\n") + 8
    assert imported.notes == ("answers not at their answer_start, whose gold is the nearest place: 1",)


def test_an_answer_that_is_nowhere_has_the_whole_context_for_gold_and_is_counted(tmp_path: Path) -> None:
    imported = read(tmp_path, ask(("2001년", 8)))
    assert imported.questions[0].gold == ((GoldSpan(imported.documents[0].name),),)
    assert imported.notes == ("answers not in their context, whose gold is the whole context: 1",)


def test_files_are_read_together_and_equal_paragraphs_become_one_document(tmp_path: Path) -> None:
    paths = []
    for number in (1, 2):
        question = ask(("1998년", 8), id=f"q{number}")
        data = {"data": [{"title": "가람", "paragraphs": [{"context": CONTEXT, "qas": [question]}]}]}
        paths.append(write(tmp_path, data, f"{number}.json"))
    imported = read_squad(paths)
    assert [question.id for question in imported.questions] == ["q1", "q2"]
    assert len(imported.documents) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "set.json: must be a JSON object, not []"),
        ({"version": "1"}, "set.json: data is missing"),
        ({"data": [{"title": "t"}]}, "set.json: data[0].paragraphs is missing"),
        (
            {"data": [{"paragraphs": [{"context": 3, "qas": []}]}]},
            "set.json: data[0].paragraphs[0].context must be a string, not 3",
        ),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [ask()]}]}]},
            "set.json: data[0].paragraphs[0].qas[0].answers is missing or empty, yet",
        ),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [ask(("c", -1))]}]}]},
            "qas[0].answers[0].answer_start must be a whole number from 0, not -1",
        ),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [ask(("c", 0), is_impossible="no")]}]}]},
            "qas[0].is_impossible must be true or false",
        ),
    ],
)
def test_what_is_not_squad_is_named_by_its_place(tmp_path: Path, data: object, words: str) -> None:
    with pytest.raises(BadQuestionSet, match=re.escape(words)):
        read_squad([write(tmp_path, data)])


def test_klue_mrc_has_guid_for_id(tmp_path: Path) -> None:
    question = ask(("1998년", 8), guid="dev_7", question_type=1, is_impossible=False)
    del question["id"]
    article = {"title": "가람", "news_category": "문화", "source": "-"}
    data = {"data": [article | {"paragraphs": [{"context": CONTEXT, "qas": [question]}]}]}
    imported = read_klue_mrc([write(tmp_path, data)])
    assert [question.id for question in imported.questions] == ["dev_7"]
    assert gold_texts(imported) == ["1998년"]
