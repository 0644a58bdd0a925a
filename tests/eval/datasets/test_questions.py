import codecs
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.datasets.questions import guess_language, load_questions, save_questions
from eval.errors import BadQuestionSet
from eval.types import GoldSpan, Question

GOOD = {
    "id": "a",
    "question": "몇 명?",
    "answerable": True,
    "expected": [["3", "세"]],
    "documents": ["d.txt"],
}

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
GROUPS = st.lists(st.lists(WORDS, min_size=1, max_size=3).map(tuple), max_size=2).map(tuple)
QUOTED = st.builds(GoldSpan, WORDS, quote=WORDS)
POSITIONS = st.tuples(st.integers(0, 10**6), st.integers(1, 10**6))
PLACED = st.builds(lambda name, at: GoldSpan(name, start=at[0], end=at[0] + at[1]), WORDS, POSITIONS)
WHOLE = st.builds(GoldSpan, WORDS)
SPANS = st.lists(QUOTED | PLACED | WHOLE, min_size=1, max_size=2).map(tuple)
TURN = st.tuples(st.sampled_from(["user", "assistant"]), st.text("가 a\n"))
QUESTIONS = st.lists(
    st.builds(
        Question,
        id=WORDS,
        question=WORDS,
        answerable=st.booleans(),
        expected=GROUPS,
        answers=st.lists(WORDS, min_size=1, max_size=2).map(tuple),
        documents=st.lists(WORDS, max_size=2).map(tuple),
        gold=st.lists(SPANS, max_size=2).map(tuple),
        lang=WORDS,
        tags=st.lists(WORDS, max_size=2).map(tuple),
        history=st.lists(TURN, max_size=2).map(tuple),
        forbidden=st.lists(WORDS, max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda question: question.id,
)


def line(**fields: object) -> str:
    return json.dumps(GOOD | fields, ensure_ascii=False)


def write(folder: Path, *lines: str) -> Path:
    path = folder / "set.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def complaint(path: Path) -> str:
    """What is said about the set, without the file's name."""
    with pytest.raises(BadQuestionSet) as caught:
        load_questions(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(str(path)).lstrip(":, ")


def test_a_question_is_read_with_its_groups_and_its_language(tmp_path: Path) -> None:
    (question,) = load_questions(write(tmp_path, line(), ""))
    assert question.expected == (("3", "세"),)
    assert question.documents == ("d.txt",)
    assert question.lang == "ko"


@given(QUESTIONS)
def test_a_saved_set_is_loaded_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, questions: list[Question]
) -> None:
    path = tmp_path_factory.mktemp("round") / "set.jsonl"
    save_questions(path, questions)
    assert load_questions(path) == questions


def test_saving_replaces_an_older_set_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = write(tmp_path, "old")
    save_questions(path, [Question("a", "몇 명?", True, expected=(("3",),), lang="ko")])
    assert [question.id for question in load_questions(path)] == ["a"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_set_with_an_id_twice_is_not_saved_and_the_older_one_stays(tmp_path: Path) -> None:
    path = write(tmp_path, line())
    with pytest.raises(BadQuestionSet, match="'b' occurs twice"):
        save_questions(path, [Question("b", "q", False), Question("b", "r", False)])
    assert [question.id for question in load_questions(path)] == ["a"]


def test_gold_is_a_quote_or_positions_or_a_whole_document(tmp_path: Path) -> None:
    gold = [
        [{"document": "d", "quote": "세 명"}, {"document": "d", "start": 0, "end": 3}],
        [{"document": "e"}],
    ]
    (question,) = load_questions(write(tmp_path, line(gold=gold)))
    assert question.gold == (
        (GoldSpan("d", quote="세 명"), GoldSpan("d", start=0, end=3)),
        (GoldSpan("e"),),
    )


def test_history_is_read_as_turns(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "안녕"}, {"role": "assistant", "content": ""}]
    (question,) = load_questions(write(tmp_path, line(history=turns)))
    assert question.history == (("user", "안녕"), ("assistant", ""))


@pytest.mark.parametrize("field", ["expected", "answers", "gold"])
def test_an_answerable_question_needs_only_one_of_expected_answers_and_gold(
    tmp_path: Path, field: str
) -> None:
    evidence = {"expected": [["3"]], "answers": ["3명이다."], "gold": [[{"document": "d"}]]}
    values = {"expected": [], field: evidence[field]}
    assert len(load_questions(write(tmp_path, line(**values)))) == 1


def test_an_answerable_question_with_none_of_them_is_refused(tmp_path: Path) -> None:
    assert complaint(write(tmp_path, line(expected=[]))) == (
        "line 1: answerable is true, yet there are no expected, answers or gold"
    )


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(codecs.BOM_UTF8 + f"{line()}\r\n\r\n{line(id='b')}\r\n".encode())
    assert [question.id for question in load_questions(path)] == ["a", "b"]


def test_a_line_separator_inside_a_string_does_not_end_the_line(tmp_path: Path) -> None:
    (question,) = load_questions(write(tmp_path, line(question="몇\u2028명\x85?")))
    assert question.question == "몇\u2028명\x85?"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 2: is not JSON (Expecting property name"),
        ("[1]", "line 2: must be a JSON object, not [1]"),
        ("[" * 100_000, "line 2: is nested too deeply"),
        ('{"id": "b", "id": "c"}', "line 2: is not JSON (the field 'id' occurs twice in one object)"),
        ('{"id": "b"}', "line 2: question is missing"),
        (line(id=3), "line 2: id must be a string, not 3"),
        (line(id=" "), "line 2: id must not be empty"),
        (line(id="b", question=None), "line 2: question is missing"),
        (line(id="b", answerable="yes"), 'line 2: answerable must be true or false, not "yes"'),
        (line(id="b", answerable=1), "line 2: answerable must be true or false, not 1"),
        (line(id="b", expected=["3"]), 'line 2: expected[0] must be a list, not "3"'),
        (line(id="b", expected=[["3"], []]), "line 2: expected[1] must not be empty"),
        (line(id="b", expected=[["3", 4]]), "line 2: expected[0][1] must be a string, not 4"),
        (line(id="b", answers="3"), 'line 2: answers must be a list, not "3"'),
        (line(id="b", tags=[True]), "line 2: tags[0] must be a string, not true"),
        (line(id="b", gold=[{"document": "d"}]), "line 2: gold[0] must be a list"),
        (line(id="b", gold=[["d"]]), 'line 2: gold[0][0] must be an object, not "d"'),
        (line(id="b", gold=[[{"quote": "q"}]]), "line 2: gold[0][0].document is missing"),
        (
            line(id="b", gold=[[{"document": "d", "quote": "q", "start": 1}]]),
            "line 2: gold[0][0].quote stands beside start or end; give one or the other",
        ),
        (line(id="b", gold=[[{"document": "d", "start": 1}]]), "line 2: gold[0][0].end is missing"),
        (
            line(id="b", gold=[[{"document": "d", "start": 4, "end": 4}]]),
            "line 2: gold[0][0].start must be less than end, not 4 against 4",
        ),
        (
            line(id="b", gold=[[{"document": "d", "start": -1, "end": 4}]]),
            "line 2: gold[0][0].start must be a whole number from 0, not -1",
        ),
        (
            line(id="b", gold=[[{"document": "d", "start": False, "end": 4}]]),
            "line 2: gold[0][0].start must be a whole number from 0, not false",
        ),
        (
            line(id="b", history=[{"role": "system", "content": ""}]),
            "line 2: history[0].role must be 'user' or 'assistant', not 'system'",
        ),
        (line(id="b", expcted=[]), "line 2: 'expcted' is not a field here; there are id, question"),
        (line(id="b", question="\ud800").replace("\ud800", "\\ud800"), "line 2: question holds half of a"),
        (line(), "line 2: the id 'a' occurs twice, first in line 1"),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_skipped(tmp_path: Path, text: str, words: str) -> None:
    assert complaint(write(tmp_path, line(), text, line(id="z"))).startswith(words)


def test_blank_lines_count_in_the_numbers(tmp_path: Path) -> None:
    assert complaint(write(tmp_path, line(), "", "", "{")).startswith("line 4")


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    assert complaint(write(tmp_path, "", " ")) == "holds no question"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert complaint(tmp_path / "none.jsonl") == "no such file"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert complaint(tmp_path) == "is a folder, not a file"


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "set.jsonl")
    assert complaint(tmp_path / "set.jsonl") == "is not an ordinary file"


def test_a_denied_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    path = write(tmp_path, line())
    monkeypatch.setattr(Path, "open", denied)  # whoever runs the tests as root may read anything
    assert complaint(path) == "cannot be read (Permission denied)"


def test_a_line_of_ten_megabytes_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, line(), line(id="b", question="가" * 3_400_000))
    assert complaint(path) == "line 2: is longer than the limit of 1.0 MB"


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    assert complaint(path) == "line 1: is not UTF-8 text; save the file as UTF-8"


def test_a_utf_16_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(line(), encoding="utf-16")
    assert complaint(path) == "line 1: is not UTF-8 text; save the file as UTF-8"


@pytest.mark.parametrize(
    ("text", "language"), [("예산은?", "ko"), ("AI 예산?", "ko"), ("how much?", "en"), ("the café?", "en")]
)
def test_a_question_without_a_language_is_korean_when_it_has_hangul(text: str, language: str) -> None:
    assert guess_language(text) == language
