"""Define a number in a text: its exact value and what it counts."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from index.types import Span

EXACT_DIGITS = 80  # enough for the longest number times the largest units


class Unit(Enum):
    """The unit of a number; two numbers agree only if their units do."""

    WON = "won"
    DOLLAR = "dollars"
    EURO = "euros"
    YEN = "yen"
    YUAN = "yuan"
    POUND = "pounds"
    PERCENT = "percent"
    PERCENTAGE_POINT = "percentage points"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    COUNT = "count"
    BARE = "bare"  # no unit is written; agrees with any


MONEY = frozenset({Unit.WON, Unit.DOLLAR, Unit.EURO, Unit.YEN, Unit.YUAN, Unit.POUND})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written at `span`, its exact value and unit. spelled: in words, so it may be a pronoun."""

    span: Span
    text: str
    value: Decimal
    unit: Unit
    spelled: bool = False

    def agrees_with(self, other: "Quantity") -> bool:
        """Return whether the values are equal, and the units are or one of them is BARE."""
        return self.value == other.value and (self.unit is other.unit or Unit.BARE in (self.unit, other.unit))
