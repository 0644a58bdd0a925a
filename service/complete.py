"""Whether an answer gives something for every part of its question, as far as numbers tell. Pure."""

from service.answer_type import gives
from service.asked import asks_for_each, kinds_asked, parts_of
from service.given import quantities_of_kind


def is_incomplete(question: str, answer: str) -> bool:
    """Whether a number that the question asks for is missing: pages beside copies, one of two counts."""
    if parts_missing(question, answer):
        return True
    asked = [(part, kind) for part in parts_of(question) for kind in kinds_asked(part)]
    values = {(q.value, q.unit) for part, kind in asked for q in quantities_of_kind(kind, part, answer)}
    return bool(asked) and asks_for_each(question) and len(values) < 2


def parts_missing(question: str, answer: str) -> list[str]:
    """The parts of the question that ask for a number which the answer does not give.

    Who, where and what cannot be told from the answer's words alone, and are not looked at.
    """
    return [
        part
        for part in parts_of(question)
        if not all(gives(kind, part, answer) for kind in kinds_asked(part))
    ]
