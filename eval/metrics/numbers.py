"""Numbers of an answer against its quotes, by code that shares nothing with the answering pipeline. Pure.

Numbers written with digits, with Korean (만, 억, 조) or English scales, by value alone: whether a unit or a
date is the right one is for the pipeline to verify, and for other metrics to catch.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

_SCALES = {
    "십": 10, "백": 10**2, "천": 10**3, "만": 10**4, "억": 10**8, "조": 10**12,
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "bn": 10**9, "mn": 10**6,
}  # fmt: skip
_ENGLISH = "|".join(scale for scale in _SCALES if scale.isascii())
_PART = (
    r"(?P<digits>\d[\d,]*(?:\.\d+)?)"
    rf"(?P<scales>\s?(?:[십백천]?[만억조]|[십백천])(?![가-힣]{{2}})|\s?(?:{_ENGLISH})\b)?"
)
_NUMBER = re.compile(_PART, re.IGNORECASE)
_GAP_CHARS = 1  # between the parts of one amount: "1억 4천만"


def number_values(text: str) -> list[Decimal]:
    """Return the value of every number in the text, in order; "1억 4천만" is one number."""
    text = unicodedata.normalize("NFKC", text)
    values: list[Decimal] = []
    previous_end, previous_scale = -1, Decimal(0)
    for match in _NUMBER.finditer(text):
        digits = Decimal(match["digits"].replace(",", "").rstrip(".") or 0)
        scale = _scale(match["scales"] or "")
        joins = match.start() - previous_end <= _GAP_CHARS and previous_scale > digits * scale
        if values and joins and previous_scale >= _SCALES["만"]:
            values[-1] += digits * scale
        else:
            values.append(digits * scale)
        previous_end, previous_scale = match.end(), scale
    return values


def unsupported_numbers(statement: str, quotes: Sequence[str]) -> list[Decimal]:
    """Return the numbers of a statement that occur in none of the quotes, by value."""
    held = {value for quote in quotes for value in number_values(quote)}
    plain = unicodedata.normalize("NFKC", " ".join(quotes))
    held |= set(map(Decimal, re.findall(r"\d+", plain)))  # parts of dates
    return [value for value in number_values(statement) if value not in held]


def n_unsupported_numbers(statements: Sequence[tuple[str, Sequence[str]]]) -> int:
    """Return how many numbers of the statements, each with its quotes, occur in none of them."""
    return sum(len(unsupported_numbers(text, quotes)) for text, quotes in statements)


def _scale(written: str) -> Decimal:
    word = written.strip().lower()
    if word in _SCALES:
        return Decimal(_SCALES[word])
    scale = Decimal(1)
    for mark in word:
        scale *= _SCALES[mark]
    return scale
