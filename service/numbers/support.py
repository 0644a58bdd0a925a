"""Whether the numbers of a statement occur in the quotes that are to back it."""

import itertools
import re
from collections.abc import Sequence

from service.numbers.finding import find_quantities
from service.numbers.glosses import without_conversions
from service.numbers.measures import Measure, is_as_much, measure_after
from service.numbers.quantity import Quantity, Unit

_ORDINAL_AFTER = re.compile(r"\s?(?:차(?![례량선종])|호(?![텔실])|위|번째|째|분기|단계|등급|학년)")
_COUNTER_AFTER = re.compile(r"\s?여?\s?(?:명|사람|개(?!월)|곳|군데|건|대|팀|마리|권|부|가지|그루)")
_DATE_GAP_CHARS = 4  # between the parts of a date: "8월 28일", "28 August", "08-28"


def unsupported_quantities(statement: str, quotes: Sequence[str]) -> list[Quantity]:
    """Numbers of the statement that agree with none in the quotes; month and day, with no date in one.

    "one", "first" and their Korean forms are not counted: they are articles and figures of speech as often
    as numbers. Nor is what a quote converts by itself: "12억 원(= 12 billion won)" backs 1.2 billion alone.
    """
    found = [(quote, find_quantities(quote)) for quote in map(without_conversions, quotes)]
    said = find_quantities(statement)
    torn = {
        part.span
        for date in _dates(said)
        if not any(_has_date(quantities, *date) for _, quantities in found)
        for part in date
    }
    return [
        quantity
        for quantity in said
        if not (quantity.spelled and quantity.value <= 1)
        and (quantity.span in torn or not any(_holds(*quote, quantity, statement) for quote in found))
    ]


def _dates(quantities: Sequence[Quantity]) -> list[tuple[Quantity, Quantity]]:
    """Each month with the day beside it."""
    return [
        (first, second)
        for first, second in itertools.pairwise(quantities)
        if {first.unit, second.unit} == {Unit.MONTH, Unit.DAY}
        and second.span.start - first.span.end <= _DATE_GAP_CHARS
    ]


def _has_date(quantities: Sequence[Quantity], first: Quantity, second: Quantity) -> bool:
    """Whether a day and its month in a quote agree: "6 March … by 30 April" does not have 30 March."""
    month, day = (first, second) if first.unit is Unit.MONTH else (second, first)
    return any(
        month.agrees_with(other)
        for position, quantity in enumerate(quantities)
        if day.agrees_with(quantity)
        for other in _months_of(quantities, position)
    )


def _months_of(quantities: Sequence[Quantity], position: int) -> list[Quantity]:
    """The months that a day may belong to: the one beside it, or else the nearest before and behind it."""
    day = quantities[position].span
    before = next((q for q in reversed(quantities[:position]) if q.unit is Unit.MONTH), None)
    behind = next((q for q in quantities[position + 1 :] if q.unit is Unit.MONTH), None)
    if before and day.start - before.span.end <= _DATE_GAP_CHARS:
        return [before]
    if behind and behind.span.start - day.end <= _DATE_GAP_CHARS:
        return [behind]
    return [month for month in (before, behind) if month]


def _is_ordinal(text: str, quantity: Quantity) -> bool:
    """Whether the number says which of a series: 제6차, 2호."""
    before = text[: quantity.span.start].rstrip()
    return before.endswith("제") or bool(_ORDINAL_AFTER.match(text, quantity.span.end))


def _counts(text: str, quantity: Quantity) -> bool:
    """Whether the number says how many there are of something: 6명."""
    return bool(_COUNTER_AFTER.match(text, quantity.span.end))


def _holds(quote: str, quantities: Sequence[Quantity], said: Quantity, statement: str) -> bool:
    """Whether a quote holds a number of the statement, of what the statement measures or counts.

    Which of a series it is does not say how many.
    """
    counts, measure = _counts(statement, said), measure_after(statement, said)
    return any(
        _agree(said, measure, other, measure_after(quote, other))
        and not (counts and _is_ordinal(quote, other))
        for other in quantities
    )


def _agree(said: Quantity, measure: Measure | None, other: Quantity, others: Measure | None) -> bool:
    """Whether both come to the same by their measures, 60 minutes and 1시간; else by value and unit."""
    if measure and others:
        return is_as_much(said, measure, other, others)
    return said.agrees_with(other)
