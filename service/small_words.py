"""Words that tell nothing of what a sentence is about: articles, pronouns, auxiliaries. Pure."""

import re

from service.stems import stem

SMALL_WORDS = frozenset(
    """a about according after also an answer at been before being both called could does first from have he
    held her his holds in into it its made make makes named on only other place same says she such than that
    the their them then there these they this those took under were what when where which while whom whose
    will with would year""".split()
)
# By which auxiliaries are known, and what stands around a quotation (`service.quoting`).
_SMALL_STEMS = frozenset("있습 있다 있으 있었 했습 합니 입니 됩니 됐습 라고 적혀 문서 docu".split())
_WORD = re.compile(r"[가-힣]{2,}|\b[A-Z][A-Za-z]+|\b[a-z]{5,}")


def telling_stems(text: str) -> set[str]:
    """The stems of the words that tell something: names, and what is neither short nor small."""
    words = (word for word in _WORD.findall(text) if word.lower() not in SMALL_WORDS)
    return {stem(word) for word in words} - _SMALL_STEMS
