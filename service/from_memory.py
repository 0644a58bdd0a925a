"""What the model knows from elsewhere, with a marker put to it: no sentence it was given says it. Pure."""

import re

from service.language import MONTHS_AND_DAYS, answer_language
from service.numbers import find_quantities
from service.transliterate import is_spelled_in

_WHO = re.compile(r"\bwho(?:m|se)?\b", re.IGNORECASE)
_KOREAN_NAME = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+-[a-z]+")  # Kim Tae-ho
_LATIN_NAME = re.compile(r"[A-Z][a-z]+(?:[ -][A-Z]?[a-z]+){1,2}")


def answers_from_memory(text: str, question: str, quotes: str) -> bool:
    """Whether nothing of what the statement adds to the question stands in its quotes.

    In Korean any added word may stand there, by its first two letters, for endings vary. In English over
    Korean quotes only names can be compared: as they are, or as Hangul spells them.
    """
    asks_who = bool(_WHO.search(question))
    if asks_who and _invents_somebody(text, question, quotes):
        return True
    if find_quantities(text) and not asks_who:
        return False  # numbers have a check of their own
    known, said = question.lower(), quotes.lower()
    added = [word for word in re.findall(r"[A-Za-z]{2,}|[가-힣]{2,}", text) if word[:2].lower() not in known]
    hangul = [word for word in added if not word.isascii()]
    if any(word[:2] in said for word in hangul):
        return False
    if answer_language(text) == "ko":
        return bool(hangul) and not any(word.lower() in said for word in added if word.isascii())
    names = [
        word
        for word in added
        if word[0].isupper() and word not in MONTHS_AND_DAYS and not text.startswith(word)
    ]
    if names:
        names += _names_of_people(text)
    return bool(names) and not any(name.lower() in said or is_spelled_in(name, quotes) for name in names)


def _invents_somebody(text: str, question: str, quotes: str) -> bool:
    """Whether none of the Korean people that the text names in Latin letters stands in the quotes."""
    names = [name for name in _KOREAN_NAME.findall(text) if name not in question]
    return bool(names) and not any(
        name in quotes or any(is_spelled_in(spelled, quotes) for spelled in _names_of_people(name))
        for name in names
    )


def _names_of_people(text: str) -> list[str]:
    """Names of two or three words written as one, as Hangul does, the surname first or last."""
    parts = (re.findall(r"[A-Za-z]+", match) for match in _LATIN_NAME.findall(text))
    return [name for words in parts for name in ("".join(words), "".join([words[-1], *words[:-1]]))]
