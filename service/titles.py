"""Titles and headings: they say what a text is about, and are no answer but to a question for them. Pure."""

import re

from service.naming import squash
from service.types import Sentence

_ASKED = re.compile(
    r"제목|이름|명칭|주제|무슨 (?:문서|글|기사)|\b(?:title|called|name|heading|topic|theme)\b", re.IGNORECASE
)


def asks_for_title(question: str) -> bool:
    """Whether the question may be answered by what something is called."""
    return bool(_ASKED.search(question))


def is_title(sentence: Sentence) -> bool:
    """Whether the sentence is nothing but its document's title or its section's heading."""
    text = squash(sentence.text)
    return bool(text) and text in (squash(sentence.hit.title), *map(squash, _headings(sentence.hit.heading)))


def _headings(heading: str) -> list[str]:
    """Each of the headings over a passage, and all of them together."""
    return [heading, *re.split(r"\s*[>/›]\s*", heading)]
