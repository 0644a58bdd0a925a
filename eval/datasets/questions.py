"""The project's own question format: JSON Lines, one question a line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class BadQuestionSet(Exception):
    """A question set that cannot be used; names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question and what a right answer holds.

    expected: groups of alternatives; a right answer has at least one alternative of every group.
    documents: names of the documents that hold the answer. history: earlier turns, role and content.
    """

    id: str
    question: str
    answerable: bool
    expected: tuple[tuple[str, ...], ...] = ()
    documents: tuple[str, ...] = ()
    lang: str = ""
    tags: tuple[str, ...] = ()
    history: tuple[tuple[str, str], ...] = ()


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
        documents=tuple(str(name) for name in value.get("documents", ())),
        lang=str(value.get("lang") or ("en" if text.isascii() else "ko")),
        tags=tuple(str(tag) for tag in value.get("tags", ())),
        history=tuple((turn["role"], turn["content"]) for turn in history),
    )
