"""Convert rated answers to questions of an evaluation set, and to a list for manual correction.

An answer rated up gives the right answer: its text, its quotes, or that there is none. One rated down says
only that this was wrong, so it becomes a question once somebody has written the right answer.
The format is that of `inyong eval`, which this package does not import; a test reads the output with it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from service.storage.answers import KeptAnswer, Rating

_MARKER = re.compile(r"\s*\[\d+\]")


def as_questions(answers: Iterable[KeptAnswer]) -> list[dict[str, Any]]:
    """Return a question for each answer rated up; of several answers to one question, the newest."""
    return [_question(answer) for answer in _newest(answers, Rating.UP)]


def as_corrections(answers: Iterable[KeptAnswer]) -> list[dict[str, Any]]:
    """Return question, answer and comment for each answer rated down."""
    return [
        {
            **_asked(answer),
            "given_answer": answer.body["answer"],
            "abstained": answer.body["abstained"],
            "comment": answer.feedback.comment if answer.feedback else "",
        }
        for answer in _newest(answers, Rating.DOWN)
    ]


def _newest(answers: Iterable[KeptAnswer], rating: Rating) -> list[KeptAnswer]:
    """Return the answers with this rating among the newest ones to each question with its history."""
    by_question = {(answer.body["question"].strip(), answer.history): answer for answer in answers}
    return [found for found in by_question.values() if found.feedback and found.feedback.rating is rating]


def _question(answer: KeptAnswer) -> dict[str, Any]:
    body = answer.body
    question = _asked(answer) | {"answerable": not body["abstained"]}
    if not body["abstained"]:
        citations: list[Mapping[str, Any]] = body["citations"]
        spans = dict.fromkeys((citation["source"], citation["quote"]) for citation in citations)
        question |= {
            "answers": [_MARKER.sub("", body["answer"]).strip()],
            "documents": list(dict.fromkeys(source for source, _ in spans)),
            "gold": [[{"document": source, "quote": quote}] for source, quote in spans],
        }
    return question | {"tags": ["feedback"]}


def _asked(answer: KeptAnswer) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "id": answer.id,
        "lang": answer.body["language"],
        "question": answer.body["question"],
    }
    if answer.history:
        asked["history"] = [{"role": turn.role, "content": turn.content} for turn in answer.history]
    return asked
