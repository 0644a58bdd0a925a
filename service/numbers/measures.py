"""Measures behind a number, which tell "1 hour" from "1분": of time, distance, weight, area, volume.

A unit of money or a percentage is part of the quantity itself; a measure is looked for only where one number
is held against another.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from service.numbers.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Measure:
    """factor: how many of the dimension's least unit it is. A "thing" is what Korean counters count."""

    dimension: str
    factor: int


# Dimension, factor, and how Korean and English write it behind a number.
_TABLE = (
    ("time", 1, r"초(?![가-힣])", r"seconds?|secs?"),
    ("time", 60, r"분(?![의기야산과류석담할배량포양])", r"minutes?|mins?"),
    ("time", 60 * 60, r"시간", r"hours?|hrs?"),
    ("time", 24 * 60 * 60, r"일(?![곱련반])", r"days?"),
    ("time", 7 * 24 * 60 * 60, r"주(?:일|간|(?=\s?(?:동안|이내|안에|후|뒤|전)))", r"weeks?"),
    ("months", 1, r"개월|달(?![러성])", r"months?"),
    ("months", 12, r"개?년", r"years?"),
    ("length", 1, r"mm|㎜|밀리미터", r"millimet(?:re|er)s?"),
    ("length", 10, r"cm|㎝|센티미터", r"centimet(?:re|er)s?"),
    ("length", 1000, r"m(?![a-zA-Z0-9²³])|미터", r"met(?:re|er)s?"),
    ("length", 1_000_000, r"km(?![a-zA-Z0-9²])|㎞|킬로미터", r"kilomet(?:re|er)s?"),
    ("weight", 1, r"g(?![a-zA-Z])|그램", r"grams?"),
    ("weight", 1000, r"kg|㎏|킬로그램", r"kilograms?|kilos?"),
    ("weight", 1_000_000, r"t(?![a-zA-Z])|톤", r"tons?|tonnes?"),
    ("area", 1, r"㎡|m²|제곱미터", r"square met(?:re|er)s?"),
    ("area", 10_000, r"ha(?![a-zA-Z])|㏊|헥타르", r"hectares?"),
    ("area", 1_000_000, r"㎢|km²|제곱킬로미터", r"square kilomet(?:re|er)s?"),
    ("volume", 1, r"ml|㎖|밀리리터", r"millilit(?:re|er)s?"),
    ("volume", 1000, r"[ℓL](?![a-zA-Z])|리터", r"lit(?:re|er)s?"),
    ("thing", 1, r"명|사람|개(?![월년최발])|곳|군데|건(?![물강축설])|팀|마리|권|가지|그루|차례", None),
    ("thing", 1, r"쪽|석|채|세대|가구(?!점)|회(?![의사])", None),
)
_PATTERNS = tuple(
    (
        re.compile(rf"여?\s?(?:{korean})" + (rf"|[\s-]?(?i:(?:{english})\b)" if english else "")),
        Measure(dimension, factor),
    )
    for dimension, factor, korean, english in _TABLE
)
_YEAR = Measure("months", 12)
_FIRST_YEAR_OF_A_DATE = 1000  # "2026년" is a year, "3년" are three


def measure_after(text: str, quantity: Quantity) -> Measure | None:
    """What the number measures or counts by the words behind it; None where they do not say."""
    for pattern, measure in _PATTERNS:
        if pattern.match(text, quantity.span.end):
            is_date = measure == _YEAR and quantity.value >= _FIRST_YEAR_OF_A_DATE
            return None if is_date else measure
    return None


def is_as_much(said: Quantity, measure: Measure, other: Quantity, others: Measure) -> bool:
    """Whether both come to the same: 60 minutes and 1시간, not 1 hour and 1분."""
    if measure.dimension != others.dimension:
        return False
    return said.value * measure.factor == other.value * Decimal(others.factor)
