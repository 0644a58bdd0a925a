"""Parse numbers written with digits, alone or mixed with 천, 만, 억, 조: "1천881억8천만", "28~29일"."""

import re
from collections.abc import Iterator
from decimal import Decimal

from index.types import Span
from service.numbers.english import scale_after
from service.numbers.korean import LARGE, SMALL
from service.numbers.quantity import Quantity, Unit
from service.numbers.units import currency_before, unit_after

_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
_CONTINENTAL = r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d{1,3}(?:\.\d{3})+,\d+"  # 1.234.567,89
_DIGITS = rf"{_CONTINENTAL}|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+[½¼¾]|\d+(?:\.\d+)?|[½¼¾]"
_NUMBER = re.compile(_DIGITS)
# 억 and the like may follow a space, where they must not begin another word ("2 조건", "3 만남").
_SPACED_LARGE = re.compile(r"\s([만억조경])(?=\s?(?:\d|원|달러|여|유로|위안|엔)|\s*\Z|[\s.,)])")
_SCALED = re.compile(
    rf"(?P<mantissa>{_DIGITS})\s?(?:[십백천]?[만억조]|[십백천]|hundred|thousand|million|billion|trillion|bn|mn)",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?(?:~|∼|–|-|부터|에서|to|and)\s?")
_LONGEST_NUMBER = 30  # digits; longer ones are identifiers, equal only to themselves
_CONTINUES = re.compile(r"[천백십만억]|(?<=\d\d\d)여?\s?(?!년|월|일)[가-힣]")


def digit_quantities(text: str, plain: str) -> Iterator[Quantity]:
    """Yield numbers written with digits, alone or mixed with 천, 만, 억, 조."""
    previous: Quantity | None = None
    at = 0
    while match := _NUMBER.search(plain, at):
        value, end = _mixed_value(plain, match)
        unit, value, end = _finish(plain, match.start(), end, value)
        quantity = Quantity(Span(match.start(), end), text[match.start() : end], value, unit)
        if previous is not None:
            yield _in_range(plain, previous, quantity)
        previous, at = quantity, end
    if previous is not None:
        yield previous


def _mixed_value(plain: str, first: re.Match[str]) -> tuple[Decimal, int]:
    """Return value and end of the number that `first` begins: "1천881억8천만", "3만5000", "1억 4천만"."""
    if len(first.group()) > _LONGEST_NUMBER:
        return _value_of(first.group()), first.end()
    total = section = Decimal(0)
    number: Decimal | None = _value_of(first.group())
    small = large = 10**20  # units decrease within one number
    end = first.end()
    while True:
        mark = plain[end : end + 1]
        if number is not None and mark in SMALL and mark and SMALL[mark] < small:
            small = SMALL[mark]
            section, number, end = section + number * small, None, end + 1
            continue
        spaced = _SPACED_LARGE.match(plain, end)
        mark = spaced.group(1) if spaced else mark
        article = mark == "조" and plain.startswith("제", max(0, first.start() - 1))  # "제2조" is Article 2
        if mark and mark in LARGE and LARGE[mark] < large and not article:
            large, small = LARGE[mark], 10**20
            total += (section + (number or 0)) * large
            section, number, end = Decimal(0), None, spaced.end() if spaced else end + 1
            continue
        gap = 1 if number is None and plain[end : end + 1] == " " else 0
        following = _NUMBER.match(plain, end + gap) if number is None else None
        ceiling = min(small, large)
        if (
            not following
            or len(following.group()) > _LONGEST_NUMBER
            or "." in following.group()
            or _value_of(following.group()) >= ceiling
        ):
            return total + section + (number or 0), end
        if gap and not _CONTINUES.match(plain, following.end()):
            return total + section, end  # "3만 5명" are two numbers, "1억 4천만" and "8만 5000원" are one
        number, end = _value_of(following.group()), following.end()


def _finish(plain: str, start: int, end: int, value: Decimal) -> tuple[Unit, Decimal, int]:
    """Return unit, value and end of the number from `start` to `end`, applying a scale word after it."""
    currency = currency_before(plain, start)
    scale = scale_after(plain, end, short=currency is not None)
    if scale:
        multiplier, end = scale
        value *= multiplier
    return currency or unit_after(plain, end), value, end


def _value_of(digits: str) -> Decimal:
    """Return the value of "1,234.5", "1.234,5" or "2½"."""
    if digits[-1] in _FRACTIONS:
        return Decimal(digits[:-1] or 0) + Decimal(_FRACTIONS[digits[-1]])
    if re.fullmatch(_CONTINENTAL, digits):
        return Decimal(digits.replace(".", "").replace(",", "."))
    return Decimal(digits.replace(",", ""))


def _in_range(plain: str, quantity: Quantity, following: Quantity) -> Quantity:
    """Return the number with unit and scale of the end of its range, if any: "28~29일", "1~2억 원"."""
    between = _RANGE.fullmatch(plain, quantity.span.end, following.span.start)
    if quantity.unit is not Unit.BARE or not between:
        return quantity
    value = quantity.value
    last = _SCALED.fullmatch(plain, *_ends(following.span))
    if last and "and" not in between.group() and _NUMBER.fullmatch(plain, *_ends(quantity.span)):
        mantissa = _value_of(last["mantissa"])
        if value < mantissa:
            value *= following.value / mantissa
    return Quantity(quantity.span, quantity.text, value, following.unit)


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end
