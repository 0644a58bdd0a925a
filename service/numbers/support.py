"""Whether the numbers of a statement occur in the quotes that are to back it."""

from collections.abc import Sequence

from service.numbers.finding import find_quantities
from service.numbers.quantity import Quantity


def unsupported_quantities(statement: str, quotes: Sequence[str]) -> list[Quantity]:
    """Numbers of the statement that agree with none in the quotes.

    "one", "first" and their Korean forms are not counted: they are articles and figures of speech as often
    as numbers.
    """
    backed = [quantity for quote in quotes for quantity in find_quantities(quote)]
    return [
        quantity
        for quantity in find_quantities(statement)
        if not (quantity.spelled and quantity.value <= 1)
        and not any(quantity.agrees_with(other) for other in backed)
    ]
