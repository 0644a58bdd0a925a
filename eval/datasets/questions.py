"""The project's own question format: JSON Lines, one question a line."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.errors import BadQuestionSet
from eval.types import GoldSpan, Question


def load_questions(path: Path) -> list[Question]:
    """Every question of the file. Raises BadQuestionSet naming the first broken line, or an empty file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestionSet(f"{path}: cannot be read ({error})") from error
    questions = [_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise BadQuestionSet(f"{path}: holds no question")
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise BadQuestionSet(f"{path}: the id {question.id!r} occurs twice")
        seen.add(question.id)
    return questions


def _read_line(path: Path, number: int, line: str) -> Question:
    try:
        value = json.loads(line)
        question = _question(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadQuestionSet(f"{path}, line {number}: not a question ({error!r})") from error
    if question.answerable and not question.expected:
        raise BadQuestionSet(f"{path}, line {number}: {question.id} is answerable but expects nothing")
    return question


def _question(value: Mapping[str, Any]) -> Question:
    history: Sequence[Mapping[str, str]] = value.get("history", ())
    text = value["question"]
    return Question(
        id=str(value["id"]),
        question=str(text),
        answerable=bool(value["answerable"]),
        expected=tuple(tuple(str(word) for word in group) for group in value.get("expected", ())),
        answers=tuple(str(answer) for answer in value.get("answers", ())),
        documents=tuple(str(name) for name in value.get("documents", ())),
        gold=tuple(tuple(_gold_span(span) for span in group) for group in value.get("gold", ())),
        lang=str(value.get("lang") or ("en" if text.isascii() else "ko")),
        tags=tuple(str(tag) for tag in value.get("tags", ())),
        history=tuple((turn["role"], turn["content"]) for turn in history),
    )


def _gold_span(value: Mapping[str, Any]) -> GoldSpan:
    return GoldSpan(str(value["document"]), value.get("quote"), value.get("start"), value.get("end"))
