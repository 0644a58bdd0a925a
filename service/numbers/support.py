"""Whether the numbers of a statement occur in the quotes that are to back it."""

import itertools
from collections.abc import Sequence

from service.numbers.finding import find_quantities
from service.numbers.quantity import Quantity, Unit

_DATE_GAP_CHARS = 4  # between the parts of a date: "8월 28일", "28 August", "08-28"


def unsupported_quantities(statement: str, quotes: Sequence[str]) -> list[Quantity]:
    """Numbers of the statement that agree with none in the quotes; a month with its day, with none in one.

    "one", "first" and their Korean forms are not counted: they are articles and figures of speech as often
    as numbers.
    """
    found = [find_quantities(quote) for quote in quotes]
    said = find_quantities(statement)
    torn = {
        part.span for date in _dates(said) if not any(_agree(date, quote) for quote in found) for part in date
    }
    return [
        quantity
        for quantity in said
        if not (quantity.spelled and quantity.value <= 1)
        and (quantity.span in torn or not any(_agree([quantity], quote) for quote in found))
    ]


def _dates(quantities: Sequence[Quantity]) -> list[tuple[Quantity, Quantity]]:
    """Each month with the day beside it."""
    return [
        (first, second)
        for first, second in itertools.pairwise(quantities)
        if {first.unit, second.unit} == {Unit.MONTH, Unit.DAY}
        and second.span.start - first.span.end <= _DATE_GAP_CHARS
    ]


def _agree(quantities: Sequence[Quantity], others: Sequence[Quantity]) -> bool:
    """Whether each has one among the others that agrees with it."""
    return all(any(quantity.agrees_with(other) for other in others) for quantity in quantities)
