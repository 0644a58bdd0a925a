"""Parse measures after a number: "1 hour" is not "1분". Time, distance, weight, area, volume, counters.

A unit of money or a percentage is part of the quantity itself; a measure is parsed only when one number is
compared with another.
"""

import re
from dataclasses import dataclass

from service.numbers.quantity import MONEY, Quantity, Unit
from service.numbers.units import WORD_ENDS


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit of measurement. factor: in the smallest unit of its dimension; "thing" is for counters."""

    dimension: str
    factor: int


# Dimension, factor, and the Korean and English words for it after a number.
_TABLE = (
    ("time", 1, r"초(?![가-힣])", r"second|sec"),
    ("time", 60, r"분(?![의기야산과류석담할배량포양께위])", r"minute|min"),
    ("time", 60 * 60, r"시간", r"hour|hr"),
    ("time", 24 * 60 * 60, r"일(?![곱련반])", r"day"),
    ("time", 7 * 24 * 60 * 60, r"주(?:일|간|(?=\s?(?:동안|이내|안에|후|뒤|전)))", r"week"),
    ("months", 1, r"개월|달(?![러성])", r"month"),
    ("months", 12, r"개?년", r"year"),
    ("length", 1, r"mm|㎜|밀리미터", r"millimetre|millimeter"),
    ("length", 10, r"cm|㎝|센티미터", r"centimetre|centimeter"),
    ("length", 1000, r"m(?![a-zA-Z0-9²³^/])|미터", r"metre|meter"),
    ("length", 1_000_000, r"km(?![a-zA-Z0-9²^/])|㎞|킬로미터", r"kilometre|kilometer"),
    ("weight", 1, r"g(?![a-zA-Z/])|그램", r"gram"),
    ("weight", 1000, r"kg(?!/)|㎏|킬로그램", r"kilogram|kilo"),
    ("weight", 1_000_000, r"t(?![a-zA-Z/])|톤", r"ton|tonne"),
    ("area", 1, r"㎡|m[²^]2?|제곱미터", r"square metre|square meter"),
    ("area", 10_000, r"ha(?![a-zA-Z])|㏊|헥타르", r"hectare"),
    ("area", 1_000_000, r"㎢|km[²^]2?|제곱킬로미터", r"square kilometre|square kilometer"),
    ("volume", 1, r"m[lL]|㎖|밀리리터", r"millilitre|milliliter"),
    ("volume", 1000, r"[ℓL](?![a-zA-Z])|리터", r"litre|liter"),
    ("thing", 1, r"명|사람|개(?![월년최발])|곳|군데|건(?![물강축설])|팀|마리|권(?![역한])|가지", None),
    ("thing", 1, r"그루|차례|쪽(?!방)|석(?![탄사유])|채(?![널무])|세대|가구(?!점)|회(?![의사원선계])", None),
)


def _pattern(korean: str, english: str | None) -> re.Pattern[str]:
    """Compile a measure's pattern.

    After a space a Korean word has to end there, unlike in "3 일본 기업". English is plural but for 1.
    """
    written = rf"(?:여\s?)?(?:{korean})|\s(?:{korean}){WORD_ENDS}"
    if english:
        written += rf"|(?i:-(?:{english})\b(?!-)|\s?(?:{english})s\b(?!-)|\s?(?P<one>{english})\b(?!-))"
    return re.compile(written)


_PATTERNS = tuple(
    (_pattern(korean, english), Measure(dimension, factor)) for dimension, factor, korean, english in _TABLE
)
_MINUTE, _DAY, _YEAR = Measure("time", 60), Measure("time", 24 * 60 * 60), Measure("months", 12)
_FIRST_YEAR_OF_A_DATE = 1000  # "2026년" is a year, "3년" is three years
_OF_A_MONTH = re.compile(r"월\s*$")
_ON_A_DAY = re.compile(r"일(?:에|자|부터|까지|\s?\(|\s?[월화수목금토일]요일)")


def measure_after(text: str, quantity: Quantity) -> Measure | None:
    """Return the number's measure or counter by the words after it; None without one, as in a date."""
    if quantity.unit in MONEY:
        return None
    for pattern, measure in _PATTERNS:
        match = pattern.match(text, quantity.span.end)
        if match and not (match.groupdict().get("one") and quantity.value != 1):
            return None if _is_date(text, quantity, measure) else measure
    return None


def _is_date(text: str, quantity: Quantity, measure: Measure) -> bool:
    """Return whether the number says which year or day, not how many."""
    if measure == _YEAR:
        return quantity.value >= _FIRST_YEAR_OF_A_DATE
    is_day = measure == _DAY and quantity.unit is Unit.DAY
    return is_day and bool(
        _OF_A_MONTH.search(text[: quantity.span.start]) or _ON_A_DAY.match(text, quantity.span.end)
    )


def is_as_much(said: Quantity, measure: Measure, other: Quantity, others: Measure) -> bool:
    """Return whether both are equal: 60 minutes and 1시간, not 1 hour and 1분. 분 also counts persons."""
    if measure.dimension == others.dimension:
        return said.value * measure.factor == other.value * others.factor
    is_of_persons = _MINUTE in (measure, others) and "thing" in (measure.dimension, others.dimension)
    return is_of_persons and said.value == other.value
