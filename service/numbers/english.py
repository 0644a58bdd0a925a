"""Parse English numerals, "one hundred and twenty thousand", "third", and the scale words after digits."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

_SMALL = {
    word: value
    for value, words in enumerate(
        "zero|one first|two second|three third|four fourth|five fifth|six sixth|seven seventh|eight eighth|"
        "nine ninth|ten tenth|eleven eleventh|twelve twelfth|thirteen thirteenth|fourteen fourteenth|"
        "fifteen fifteenth|sixteen sixteenth|seventeen seventeenth|eighteen eighteenth|"
        "nineteen nineteenth".split("|")
    )
    for word in words.split()
}
_TENS = {
    word: 10 * value
    for value, words in enumerate(
        "twenty twentieth|thirty thirtieth|forty fortieth|fifty fiftieth|sixty sixtieth|"
        "seventy seventieth|eighty eightieth|ninety ninetieth".split("|"),
        2,
    )
    for word in words.split()
}
_SCALE = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "bn": 10**9,
    "mn": 10**6,
    "k": 10**3,
    "m": 10**6,
    "b": 10**9,
    "t": 10**12,
}


def _words(table: Iterable[str]) -> str:
    return "|".join(sorted(table, key=len, reverse=True))


_ONE_TO_NINE = _words(word for word, value in _SMALL.items() if 0 < value < 10)
_UP_TO_99 = rf"(?:(?:{_words(_TENS)})(?:[\s-](?:{_ONE_TO_NINE}))?|{_words(_SMALL)})\b"
_UP_TO_999 = rf"(?:(?:{_UP_TO_99}|half\s+an?|an?)[\s-]hundred\b(?:\s(?:and\s)?{_UP_TO_99})?|{_UP_TO_99})"
_THOUSANDS = rf"(?:{_UP_TO_999}|half\s+an?|an?)[\s-](?:thousand|million|billion|trillion)\b"
# "first two" and "two and three" are two numbers each, "two hundred and three" is one.
_WORDS = re.compile(
    rf"\b(?!(?:first|second)\shalf\b)"
    rf"(?:{_THOUSANDS}(?:,?\s{_THOUSANDS})*(?:,?\s(?:and\s)?{_UP_TO_999})?|{_UP_TO_999})",
    re.IGNORECASE,
)
_SHORT_SCALE = re.compile(r"([kmbt])\b", re.IGNORECASE)
_SCALE_AFTER = re.compile(r"\s?(hundred|thousand|million|billion|trillion|bn|mn)\b", re.IGNORECASE)


def english_numerals(plain: str) -> Iterator[tuple[re.Match[str], Decimal]]:
    """Yield matches of numbers in English words, and their values."""
    for match in _WORDS.finditer(plain):
        yield match, _english_value(match.group())


def scale_after(plain: str, end: int, *, short: bool = False) -> tuple[int, int] | None:
    """Return the multiplier of a scale word after digits that end at `end`, and where the word ends.

    short: also read "k", "m", "b" and "t", as after a currency sign: "$2.5M".
    """
    match = _SCALE_AFTER.match(plain, end) or (_SHORT_SCALE.match(plain, end) if short else None)
    return (_SCALE[match.group(1).lower()], match.end()) if match else None


def _english_value(words: str) -> Decimal:
    total = section = Decimal(0)
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in ("a", "an"):
            section = section or Decimal(1)
        elif word == "half":
            section = Decimal("0.5")
        elif word == "hundred":
            section *= 100
        elif word in _SCALE:
            total, section = total + section * _SCALE[word], Decimal(0)
        else:
            section += _SMALL.get(word, 0) + _TENS.get(word, 0)
    return total + section
