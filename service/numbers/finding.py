"""Find the numbers of a text, in order."""

import re
from collections.abc import Sequence
from decimal import Decimal, localcontext
from functools import lru_cache

from index.types import Span
from service.numbers.dates import dates_and_times
from service.numbers.digits import digit_quantities
from service.numbers.english import english_numerals
from service.numbers.korean import native_days, native_numerals, sino_numerals
from service.numbers.quantity import EXACT_DIGITS, Quantity, Unit
from service.numbers.units import unit_after

_FULL_WIDTH = {0xFF10 + n: str(n) for n in range(10)} | str.maketrans("％，．＄￦～：", "%,.$₩~:")


def find_quantities(text: str) -> list[Quantity]:
    """Return every number in the text, in order, without overlaps; positions are those in `text`."""
    return list(_find_quantities(text))


@lru_cache(maxsize=4096)  # an answer is compared with the same sentences repeatedly
def _find_quantities(text: str) -> tuple[Quantity, ...]:
    plain = text.translate(_FULL_WIDTH)  # one character for one, so positions are unchanged
    found: list[Quantity] = []
    taken = bytearray(len(plain))

    def take(quantities: Sequence[Quantity], start: int, end: int) -> None:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.extend(quantities)

    with localcontext(prec=EXACT_DIGITS):
        for match, parts in dates_and_times(text, plain):
            take(parts, match.start(), match.end())
        for quantity in digit_quantities(text, plain):
            take([quantity], quantity.span.start, quantity.span.end)
        for match, value in native_days(plain):
            take([_spelled(text, match, value, Unit.DAY)], match.start(), match.end())
        for match, value in native_numerals(plain):
            take([_spelled(text, match, value, Unit.COUNT)], match.start(), match.end())
        for match, value in sino_numerals(plain):
            unit = unit_after(plain, match.end())
            take([_spelled(text, match, value, unit)], match.start(), match.end())
        for match, value in english_numerals(plain):
            unit = unit_after(plain, match.end())
            unit = Unit.BARE if unit is Unit.COUNT else unit
            take([_spelled(text, match, value, unit)], match.start(), match.end())
    return tuple(sorted(found, key=lambda quantity: quantity.span))


def _spelled(text: str, match: re.Match[str], value: Decimal, unit: Unit) -> Quantity:
    span = Span(*match.span())
    return Quantity(span, span.of(text), value, unit, spelled=True)
