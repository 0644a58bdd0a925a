"""Whether an answer gives something for every part of its question, as far as can be told. Pure."""

from collections.abc import Callable, Sequence

from service.answer_type import gives
from service.asked import asks_for_each, kinds_asked, parts_of
from service.given import quantities_of_kind
from service.offices import office_asked, speaks_of_holder

NamesIn = Callable[[str], Sequence[str]]  # Korean proper nouns of a text


def is_incomplete(question: str, answer: str, quotes: str, names_in: NamesIn) -> bool:
    """Whether what the question asks for is missing: pages beside copies, one of two counts, the mayor."""
    if parts_missing(question, answer, quotes, names_in):
        return True
    asked = [(part, kind) for part in parts_of(question) for kind in kinds_asked(part)]
    values = {(q.value, q.unit) for part, kind in asked for q in quantities_of_kind(kind, part, answer)}
    return bool(asked) and asks_for_each(question) and len(values) < 2


def parts_missing(question: str, answer: str, quotes: str, names_in: NamesIn) -> list[str]:
    """The parts of the question that ask for a number or the holder of an office, and do not get it.

    The number has to be in the answer, the holder in its quotes. Who else, where and what cannot be told from
    words alone, and are not looked at.
    """
    return [
        part
        for part in parts_of(question)
        if not (gives_numbers(part, answer) and gives_holder(part, quotes, names_in))
    ]


def gives_numbers(part: str, text: str) -> bool:
    """Whether the text gives every kind of number that this part of a question asks for."""
    return all(gives(kind, part, text) for kind in kinds_asked(part))


def gives_holder(part: str, text: str, names_in: NamesIn) -> bool:
    """Whether the text speaks of who holds the office that this part of a question asks for, if any."""
    office = office_asked(part)
    return not office or speaks_of_holder(office, text, names_in(text))
