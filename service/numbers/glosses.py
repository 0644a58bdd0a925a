"""Write Korean amounts in English, for a language model that converts them badly."""

import re
from decimal import Decimal, localcontext

from service.numbers.finding import find_quantities
from service.numbers.quantity import EXACT_DIGITS, MONEY, Quantity, Unit

_AMOUNT_END = re.compile(r"\s?여?\s?(?:번째|차례|가지|군데|사람|원|달러|유로|위안|명|건|개|곳|번|팀)")
_COUNTER = re.compile(r"여?[가-힣]")  # any other follows the number directly
_CONVERSION = re.compile(r"\s*\(\s*=[^()]*\)")

_MAN = 10_000


def in_english(quantity: Quantity) -> str | None:
    """Return the amount in English, "35 billion won", or None if there is nothing to convert."""
    large = any(mark in quantity.text for mark in "만억조천")
    if not large and quantity.spelled and quantity.value > 1 and not quantity.text.isascii():
        return str(quantity.value)  # "세 번째", which the model does not treat as a number
    if not large or quantity.unit not in MONEY | {Unit.COUNT, Unit.BARE}:
        return None
    with localcontext(prec=EXACT_DIGITS):
        number = english_number(quantity.value)
    return f"{number} {quantity.unit.value}" if quantity.unit in MONEY else number


def gloss_in_english(text: str) -> str:
    """Return the text with the English form after each large Korean amount: "350억 원(= 35 billion won)"."""
    glossed, at = [], 0
    for quantity in find_quantities(text):
        english = in_english(quantity)
        if english:
            end = amount_end(text, quantity)
            glossed += [text[at:end], f"(= {english})"]
            at = end
    return "".join([*glossed, text[at:]])


def without_conversions(text: str) -> str:
    """Remove "(= …)", the form of conversions in prompts: those in a document may be false."""
    return _CONVERSION.sub("", text)


def amount_end(text: str, quantity: Quantity) -> int:
    """Return where the amount and its counter end: after "원" in "350억 원", after "권" in "2만 4,300권"."""
    match = _AMOUNT_END.match(text, quantity.span.end)
    if match is None and quantity.unit is Unit.COUNT:
        match = _COUNTER.match(text, quantity.span.end)
    return match.end() if match else quantity.span.end


def english_number(value: Decimal) -> str:
    """Format the number in English, exactly: "35 billion", "1,200"."""
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if value >= size:
            short = (value / size).normalize()
            if -int(short.as_tuple().exponent) <= 3:
                return f"{short:,f} {name}"
    return f"{value.normalize():,f}"


def korean_number(value: Decimal) -> str | None:
    """Format the number in Korean units, "350억", "1억 2,500만"; None unless a multiple of 10,000."""
    if value != value.to_integral_value() or value < _MAN or value % _MAN:
        return None
    rest, parts = int(value), []
    for size, name in ((10**12, "조"), (10**8, "억"), (_MAN, "만")):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count:,}{name}")
    return " ".join(parts)
