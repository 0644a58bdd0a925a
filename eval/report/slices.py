"""Slices of a question set that are reported separately: by language, tag or answerability. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.types import Question


@dataclass(frozen=True, slots=True, order=True)
class Slice:
    """The questions with a given language, tag or answerability. key: "lang", "tag" or "answerable"."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}"

    def holds(self, question: Question) -> bool:
        """Return whether the question is in the slice."""
        return self.value in _VALUES[self.key](question)


_VALUES: dict[str, Callable[[Question], tuple[str, ...]]] = {
    "lang": lambda question: (question.lang,),
    "tag": lambda question: question.tags,
    "answerable": lambda question: ("true" if question.answerable else "false",),
}


def parse_slice(text: str) -> Slice:
    """Parse `lang=ko`, `tag=number` or `answerable=true`. Raises ValueError for anything else."""
    key, equals, value = (part.strip() for part in text.partition("="))
    if key not in _VALUES or not equals or not value:
        raise ValueError(f"{text!r} is no slice; write lang=..., tag=... or answerable=true")
    if key == "answerable" and value not in ("true", "false"):
        raise ValueError(f"{text!r} is no slice; answerable is true or false")
    return Slice(key, value)


def slices_of(questions: Sequence[Question]) -> list[Slice]:
    """Return every slice that contains some but not all of the questions, sorted by name."""
    found = {
        Slice(key, value)
        for question in questions
        for key, values in _VALUES.items()
        for value in values(question)
        if value
    }
    return sorted(s for s in found if not all(s.holds(question) for question in questions))
