"""How a Korean sentence ends: a question's ending put into that of a statement. Pure.

A small model that answers with the words of its question goes on like it: "사무소는 2021년에 냈나요".
"""

import re

_FIRST, _LAST = 0xAC00, 0xD7A3
_FINALS = 28  # final consonants of a syllable, none included
_NONE, _N, _L, _B = 0, 4, 8, 17  # their numbers: no final, ㄴ, ㄹ, ㅂ
_ENDING = re.compile(
    r"(?P<stem>[가-힣]+?)"
    r"(?:(?P<formal>니까)|는가요?|(?P<open>나|는지)(?P<polite>요?)|(?P<adjective>가요)|(?P<guess>까요))"
    r"\s*(?P<mark>\??)[\s.]*\Z"
)


def as_statement(text: str) -> str:
    """The sentence with the ending of a statement in place of a question's; as it is where it has none.

    A noun may end like a question (하나, 전문가): without a question mark only what cannot be one counts.
    """
    found = _ENDING.search(text)
    if not found:
        return text
    stem = found["stem"]
    if found["formal"]:
        ended = f"{stem}니다" if _final(stem[-1]) == _B else None
    elif found["adjective"] or found["guess"]:
        ended = _formal(_without_final(stem, _N if found["adjective"] else _L))
    elif found["open"] and _final(stem[-1]) == _NONE and not (found["mark"] or found["polite"]):
        ended = None
    else:
        ended = _formal(stem)
    return f"{text[: found.start()]}{ended}." if ended else text


def _formal(stem: str | None) -> str | None:
    """A stem with the formal ending: 합니다 of 하, 했습니다 of 했, 만듭니다 of 만들."""
    if not stem:
        return None
    final = _final(stem[-1])
    if final in (_NONE, _L):
        return f"{stem[:-1]}{chr(ord(stem[-1]) - final + _B)}니다"
    return f"{stem}습니다"


def _without_final(word: str, consonant: int) -> str | None:
    """The stem before this consonant, or before 은 and 을, which stand for it after a consonant."""
    if len(word) > 1 and word[-1] in "은을" and _final(word[-2]) != _NONE:
        return word[:-1]
    return f"{word[:-1]}{chr(ord(word[-1]) - consonant)}" if _final(word[-1]) == consonant else None


def _final(syllable: str) -> int:
    """The number of the syllable's final consonant."""
    return (ord(syllable) - _FIRST) % _FINALS if _FIRST <= ord(syllable) <= _LAST else _NONE
