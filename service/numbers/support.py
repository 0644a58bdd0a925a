"""Find the numbers of a statement that its quotes do not support."""

import itertools
import re
from collections.abc import Sequence

from service.numbers.finding import find_quantities
from service.numbers.glosses import without_conversions
from service.numbers.measures import is_as_much, measure_after
from service.numbers.quantity import Quantity, Unit

_ORDINAL_AFTER = re.compile(r"\s?(?:차(?![례량선종])|호(?![텔실])|위|번째|째|분기|단계|등급|학년)")
_COUNTER_AFTER = re.compile(r"\s?여?\s?(?:명|사람|개(?!월)|곳|군데|건|대|팀|마리|권|부|가지|그루)")
_COUNTED = re.compile(r"\s?(명|사람|개(?!월)|곳|군데|건|대|팀|마리|권|부|가지|그루|[a-z]{3,})")
_CALENDAR = (Unit.MONTH, Unit.DAY)
_ENGLISH_NOUN_AFTER = re.compile(
    r"\s(?!(?:and|or|to|of|in|at|on|for|by|from|until|through|the|is|are|was|were|will|has|had|months?|days?)\b)[a-z]{3,}"
)
_DATE_GAP_CHARS = 4  # between the parts of a date: "8월 28일", "28 August", "08-28"


def unsupported_quantities(statement: str, quotes: Sequence[str]) -> list[Quantity]:
    """Return the statement's numbers that no quote contains, and any month and day whose date none has.

    "one", "first" and their Korean forms are ignored where no quote counts the same thing: they are articles
    and figures of speech as often as numbers. So are conversions inside a quote: "12억 원(= 12 billion won)"
    supports only 1.2 billion.
    """
    found = [(quote, find_quantities(quote)) for quote in map(without_conversions, quotes)]
    stated = find_quantities(statement)
    unmatched = {
        part.span
        for date in _dates(stated)
        if not any(_has_date(quantities, *date) for _, quantities in found)
        for part in date
    }
    return [
        quantity
        for quantity in stated
        if not _is_article(statement, quantity, found)
        and (quantity.span in unmatched or not any(_holds(*quote, quantity, statement) for quote in found))
    ]


def _dates(quantities: Sequence[Quantity]) -> list[tuple[Quantity, Quantity]]:
    """Return each month with the day beside it."""
    return [
        (first, second)
        for first, second in itertools.pairwise(quantities)
        if {first.unit, second.unit} == {Unit.MONTH, Unit.DAY}
        and second.span.start - first.span.end <= _DATE_GAP_CHARS
    ]


def _has_date(quantities: Sequence[Quantity], first: Quantity, second: Quantity) -> bool:
    """Return whether a quote has this date: "6 March … by 30 April" does not have 30 March."""
    month, day = (first, second) if first.unit is Unit.MONTH else (second, first)
    return any(
        month.agrees_with(other)
        for position, quantity in enumerate(quantities)
        if day.agrees_with(quantity)
        for other in _months_of(quantities, position)
    )


def _months_of(quantities: Sequence[Quantity], position: int) -> list[Quantity]:
    """Return the months that a day may belong to: the one beside it, or else the nearest before and after."""
    day = quantities[position].span
    before = next((q for q in reversed(quantities[:position]) if q.unit is Unit.MONTH), None)
    after = next((q for q in quantities[position + 1 :] if q.unit is Unit.MONTH), None)
    if before and day.start - before.span.end <= _DATE_GAP_CHARS:
        return [before]
    if after and after.span.start - day.end <= _DATE_GAP_CHARS:
        return [after]
    return [month for month in (before, after) if month]


def _is_article(text: str, quantity: Quantity, found: Sequence[tuple[str, Sequence[Quantity]]]) -> bool:
    """Return whether a spelled "one" or "first" is no number: none of the quotes counts the same thing."""
    counted = _COUNTED.match(text, quantity.span.end)
    return (
        quantity.spelled
        and quantity.value <= 1
        and not (
            counted
            and any(
                quote[other.span.end :].lstrip().startswith(counted[1])
                for quote, quantities in found
                for other in quantities
            )
        )
    )


def _is_ordinal(text: str, quantity: Quantity) -> bool:
    """Return whether the number is an ordinal: 제6차, 2호."""
    before = text[: quantity.span.start].rstrip()
    return before.endswith("제") or bool(_ORDINAL_AFTER.match(text, quantity.span.end))


def _counts(text: str, quantity: Quantity) -> bool:
    """Return whether the number is a count of something: 6명."""
    return bool(_COUNTER_AFTER.match(text, quantity.span.end))


def _holds(quote: str, quantities: Sequence[Quantity], stated: Quantity, statement: str) -> bool:
    """Return whether a quote has a number of the statement; an ordinal does not support a count."""
    counts, measure = _counts(statement, stated), measure_after(statement, stated)
    for other in quantities:
        others = measure_after(quote, other)
        if measure and others:
            agrees = is_as_much(stated, measure, other, others)
        else:
            agrees = stated.agrees_with(other) and not _is_date_against_count(statement, stated, quote, other)
        if agrees and not (counts and _is_ordinal(quote, other)):
            return True
    return False


def _is_date_against_count(statement: str, stated: Quantity, quote: str, other: Quantity) -> bool:
    """Return whether one is a month or day and the other counts an English noun: "5 rooms" is not May."""
    return (stated.unit in _CALENDAR and _counts_in_english(quote, other)) or (
        other.unit in _CALENDAR and _counts_in_english(statement, stated)
    )


def _counts_in_english(text: str, quantity: Quantity) -> bool:
    """Return whether an English noun follows a number without a unit."""
    return quantity.unit is Unit.BARE and bool(_ENGLISH_NOUN_AFTER.match(text, quantity.span.end))
