"""The project's own question format: JSON Lines, one question per line."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval.datasets.files import read_json_lines, write_lines
from eval.datasets.records import Record
from eval.errors import BadQuestionSet
from eval.types import GoldSpan, Question

MOST_LINE_BYTES = 1_000_000  # a question with its gold is a few hundred
_FIELDS = "id question answerable expected answers documents gold lang tags history forbidden".split()
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


def load_questions(path: Path) -> list[Question]:
    """Load every question of the file, in order.

    Raises BadQuestionSet for an unreadable file, or naming the first invalid line: the whole set is rejected,
    since figures of a part of it would be taken for those of all.
    """
    questions: list[Question] = []
    places: dict[str, str] = {}
    for record in read_json_lines(path, MOST_LINE_BYTES):
        question = _read_question(record)
        if question.id in places:
            raise BadQuestionSet(
                f"{record.place}: the id {question.id!r} occurs twice, first in {places[question.id]}"
            )
        places[question.id] = record.place.rpartition(", ")[2]
        questions.append(question)
    if not questions:
        raise BadQuestionSet(f"{path}: holds no question")
    return questions


def save_questions(path: Path, questions: Iterable[Question]) -> None:
    """Write the set, atomically, so that `load_questions` restores it.

    Raises BadQuestionSet for a duplicate id.
    """
    seen: set[str] = set()
    lines = []
    for question in questions:
        if question.id in seen:
            raise BadQuestionSet(f"{path}: the id {question.id!r} occurs twice")
        seen.add(question.id)
        lines.append(json.dumps(_as_json(question), ensure_ascii=False))
    write_lines(path, lines)


def guess_language(text: str) -> str:
    """Return the language of a question: "ko" if it contains Hangul, else "en"."""
    return "ko" if _HANGUL.search(text) else "en"


def _read_question(record: Record) -> Question:
    record.require_known(_FIELDS)
    text = record.filled("question")
    question = Question(
        id=record.filled("id"),
        question=text,
        answerable=record.flag("answerable"),
        expected=record.string_groups("expected"),
        answers=record.strings("answers"),
        documents=record.strings("documents"),
        gold=tuple(tuple(map(_read_gold, group)) for group in record.record_groups("gold")),
        lang=record.filled("lang") if "lang" in record else guess_language(text),
        tags=record.strings("tags"),
        history=tuple(map(_read_turn, record.records("history"))),
        forbidden=record.strings("forbidden"),
    )
    if question.answerable and not (question.expected or question.answers or question.gold):
        raise record.mistake("answerable", "is true, yet there are no expected, answers or gold")
    return question


def _read_gold(record: Record) -> GoldSpan:
    record.require_known(("document", "quote", "start", "end"))
    document = record.filled("document")
    if "quote" in record:
        if "start" in record or "end" in record:
            raise record.mistake("quote", "stands beside start or end; give one or the other")
        return GoldSpan(document, quote=record.filled("quote"))
    if "start" not in record and "end" not in record:
        return GoldSpan(document)
    start, end = record.number("start"), record.number("end")
    if start >= end:
        raise record.mistake("start", f"must be less than end, not {start} against {end}")
    return GoldSpan(document, start=start, end=end)


def _read_turn(record: Record) -> tuple[str, str]:
    record.require_known(("role", "content"))
    role = record.filled("role")
    if role not in ("user", "assistant"):
        raise record.mistake("role", f"must be 'user' or 'assistant', not {role!r}")
    return role, record.text("content")


def _as_json(question: Question) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": question.id,
        "lang": question.lang,
        "question": question.question,
        "history": [{"role": role, "content": content} for role, content in question.history],
        "answerable": question.answerable,
        "expected": question.expected,
        "forbidden": question.forbidden,
        "answers": question.answers,
        "documents": question.documents,
        "gold": [[_gold_as_json(span) for span in group] for group in question.gold],
        "tags": question.tags,
    }
    return {name: value for name, value in values.items() if value not in ("", (), [])}


def _gold_as_json(span: GoldSpan) -> dict[str, Any]:
    values = {"document": span.document, "quote": span.quote, "start": span.start, "end": span.end}
    return {name: value for name, value in values.items() if value is not None}
