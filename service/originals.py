"""Sums of money in the answer's language, with the document's words beside them.

"35 billion won (350억 원)" in English, "350억 원(KRW 35 billion)" in Korean.
"""

import re
from collections.abc import Sequence

from service.numbers import MONEY, Quantity, Unit, amount_end, find_quantities, korean_number

_HANGUL = re.compile(r"[가-힣]")
_CURRENCY_AFTER = re.compile(r"\s*(?:won|dollars?|euros?|yen|yuan)\b", re.IGNORECASE)
_ENGLISH_MONEY = re.compile(
    r"(?P<amount>(?:(?:KRW|USD|US\$|[$₩]) ?)?\d[\d,.]* (?:billion|million|trillion)"
    r"(?: (?:won|dollars?)(?![A-Za-z]))?)"
    r"(?: ?(?:원|달러))?",
    re.IGNORECASE,
)
_IN_KOREAN = {Unit.WON: "원", Unit.DOLLAR: "달러"}
_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)")


def with_originals(statement: str, quotes: Sequence[str]) -> str:
    """The statement with each sum of money followed by the Korean that a quote has for it, in brackets.

    What the model put into those brackets itself, the same amount once more, makes room.
    """
    statement = _IN_BRACKETS.sub(_unless_just_said, statement)
    originals = [original for quote in quotes for original in _korean_amounts(quote)]
    for quantity in reversed(find_quantities(statement)):
        written = next((text for text, other in originals if quantity.agrees_with(other)), None)
        if written is None or _HANGUL.search(quantity.text):
            continue
        if re.sub(r"\s", "", written) in re.sub(r"\s", "", statement):
            continue
        currency = _CURRENCY_AFTER.match(statement, quantity.span.end)
        end = currency.end() if currency else quantity.span.end
        if _is_inside_brackets(statement, end):
            continue
        rest = statement[end:]
        repeated = _IN_BRACKETS.match(rest)
        if repeated and any(quantity.agrees_with(other) for other in find_quantities(repeated.group(1))):
            rest = rest[repeated.end() :]
        statement = f"{statement[:end]} ({written}){rest}"
    return statement


def in_korean_units(statement: str) -> str:
    """A Korean statement with English sums of money in 만, 억 and 조, what was written behind each."""
    return _ENGLISH_MONEY.sub(_koreanised, statement)


def _koreanised(match: re.Match[str]) -> str:
    quantities = [q for q in find_quantities(match.group()) if q.unit in _IN_KOREAN]
    number = korean_number(quantities[0].value) if len(quantities) == 1 else None
    if number is None or _is_inside_brackets(match.string, match.start()):
        return match.group()
    return f"{number} {_IN_KOREAN[quantities[0].unit]}({match['amount'].strip()})"


def _unless_just_said(brackets: re.Match[str]) -> str:
    """Nothing where the brackets hold what stands before them: "정다운 관장 (정다운 관장)"."""
    return "" if brackets.string[: brackets.start()].endswith(brackets.group(1)) else brackets.group()


def _korean_amounts(quote: str) -> list[tuple[str, Quantity]]:
    """Sums of money in 천, 만, 억 or 조 as written, with their currency."""
    return [
        (quote[quantity.span.start : amount_end(quote, quantity)].strip(), quantity)
        for quantity in find_quantities(quote)
        if quantity.unit in MONEY and re.search("[천만억조]", quantity.text)
    ]


def _is_inside_brackets(text: str, position: int) -> bool:
    return text.rfind("(", 0, position) > text.rfind(")", 0, position)
