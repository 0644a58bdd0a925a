"""Whether a text speaks of what a Korean name means, however it calls it there. Pure."""

import re

from service.transliterate import spells

_WORD = re.compile(r"[가-힣]+")
_LATIN = re.compile(r"[A-Z][A-Za-z]+(?:['’&-]?[A-Za-z]+)*")
_LEAST_SHORT = 3  # syllables of an abbreviation; two stand in too many words
_OFFICES = "부원위청처회단"  # how abbreviations of offices end, and few names of people
_COURTS = {"고법": "고등법원", "지법": "지방법원"}
_LONGEST_STEP = 4  # syllables of the long name for each one of the short


def is_named(name: str, text: str) -> bool:
    """Whether the text has the name, a longer one that it is short for, or Latin letters that spell it.

    중기부 is 중소벤처기업부, 서울고법 is 서울고등법원, and 리바이스 is Levi's.
    """
    squashed = squash(text)
    if name in squashed or _court(name) in squashed:
        return True
    if any(_is_short_for(name, word) for word in _WORD.findall(text)):
        return True
    return any(spells(name, word) for word in _LATIN.findall(text))


def squash(text: str) -> str:
    """The text's letters and digits alone, in lower case: Korean writes names with and without spaces."""
    return re.sub(r"\W+", "", text).lower()


def _court(name: str) -> str:
    return name[:-2] + _COURTS.get(name[-2:], name[-2:])


def _is_short_for(name: str, word: str) -> bool:
    """Whether an office's name is made of syllables of a longer one in their order, the first included."""
    if not _LEAST_SHORT <= len(name) < len(word) <= _LONGEST_STEP * len(name):
        return False
    if word[0] != name[0] or name[-1] not in _OFFICES:
        return False
    syllables = iter(word)
    return all(syllable in syllables for syllable in name)
