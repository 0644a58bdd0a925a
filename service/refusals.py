"""Whether the model says that it has not found the answer. Pure."""

import re
from collections.abc import Sequence

from service.markers import split_statements, without_markers
from service.numbers import find_quantities
from service.overlap import bigram_overlap
from service.types import Sentence

_REFUSAL = re.compile(  # as the prompts word it
    r"문서에서 (?:확인|찾)|확인되지 않|not found in", re.IGNORECASE
)
_DENIAL = re.compile(
    r"확인할 수 없|찾을 수 없|알 수 없|언급되(?:지|어 있지) 않|나와 있지 않|정보가 없"
    r"|not mentioned|no information|(?:do|does) not (?:contain|mention|provide|specify)"
    r"|cannot be (?:found|determined)|is not (?:provided|specified|stated|given)",
    re.IGNORECASE,
)
_COPIED = 0.6  # overlap from which a statement is a sentence's own: "how it is shared out is not known"


def is_refusal(text: str, sentences: Sequence[Sentence] = (), question: str = "") -> bool:
    """Whether the model says that the sentences do not hold the answer, and says nothing else."""
    return all(
        _REFUSAL.search(statement)
        or (_DENIAL.search(statement) and not _says_something(statement, sentences, question))
        for statement in split_statements(text)
    )


def _says_something(statement: str, sentences: Sequence[Sentence], question: str) -> bool:
    """Whether a statement that denies something also gives a number, or is a sentence of the document."""
    asked = {quantity.text for quantity in find_quantities(question)}
    said = {quantity.text for quantity in find_quantities(without_markers(statement))}
    overlaps = (bigram_overlap(statement, sentence.text) for sentence in sentences)
    return bool(said - asked) or max(overlaps, default=0.0) >= _COPIED
