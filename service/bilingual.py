"""An English question with the Korean words that its sentences have: "which company (기업) leads". Pure.

A small model reads an English question over Korean sentences better when it is told which words meet.
"""

import re
from collections.abc import Callable, Sequence

from index.terms import Glossary

_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_LONGEST_EXPRESSION_WORDS = 3


def with_korean_words(
    question: str, texts: Sequence[str], glossary: Glossary, words_of: Callable[[str], list[str]]
) -> str:
    """The question; after each word or expression an equivalent that stands in the texts, if one does.

    words_of: the words of the lexical index that a text has.
    """
    standing = set(words_of("\n".join(texts)))
    found = list(_WORD.finditer(question))
    hinted, copied, at = "", 0, 0
    while at < len(found):
        length, hint = _longest_known(question, found, at, standing, glossary, words_of)
        at += length
        if hint:
            end = found[at - 1].end()
            hinted += f"{question[copied:end]} ({hint})"
            copied = end
    return hinted + question[copied:]


def _longest_known(
    question: str,
    found: Sequence[re.Match[str]],
    at: int,
    standing: set[str],
    glossary: Glossary,
    words_of: Callable[[str], list[str]],
) -> tuple[int, str]:
    """How many words from `at` on have an equivalent in the texts together, and that; (1, "") for none."""
    for length in range(min(_LONGEST_EXPRESSION_WORDS, len(found) - at), 0, -1):
        if not words_of(found[at + length - 1].group()):
            continue  # "selected and for" is an expression no more than "selected"
        expression = question[found[at].start() : found[at + length - 1].end()]
        for equivalent in glossary.equivalents(words_of(expression)):
            if standing.issuperset(equivalent) and not any(word.isascii() for word in equivalent):
                return length, " ".join(equivalent)
    return 1, ""
