"""Parse dates and times of day into their parts: "2026. 1. 29." is year 2026, month 1, day 29."""

import re
from collections.abc import Iterator
from decimal import Decimal

from index.types import Span
from service.numbers.quantity import Quantity, Unit

_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|"
        "sep sept september|oct october|nov november|dec december".split("|"),
        1,
    )
    for name in names.split()
}
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})\s?(?P<mark>[.\-/])\s?(?P<month>0?[1-9]|1[0-2])\s?(?P=mark)\s?"
    r"(?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
)
# Short forms in Korean official documents: '24.1월, ’23.12월말, '24년, ('20~'27).
_SHORT_DATE = re.compile(
    r"(?:(?<=['’‘])|(?<![\d.,'’‘]))(?P<year>\d{2})\.\s?(?P<month>0?[1-9]|1[0-2])(?=\s?월)"
    r"|(?<=['’‘])(?P<year_alone>\d{2})(?=\s?년|\s?[~∼〜)]|$)"
)
_FIRST_YEAR_OF_1900 = 70
_TIME = re.compile(r"(?<!\d)(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?!\d)")
_ENGLISH_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ENGLISH_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_ENGLISH_DATE = re.compile(
    rf"\b(?:(?P<day1>{_ENGLISH_DAY})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_ENGLISH_MONTH})\b\.?"
    rf"(?:\s+(?P<day2>{_ENGLISH_DAY})(?:st|nd|rd|th)?\b(?![.,]?\d|\s?(?:%|per ?cent)))?"
    r"(?:,?\s+(?P<year>(?:19|20)\d{2})\b)?",
    re.IGNORECASE,
)


def dates_and_times(text: str, plain: str) -> Iterator[tuple[re.Match[str], list[Quantity]]]:
    """Yield matches of dates and times in `plain`, and their parts as written in `text`."""
    for match in _DATE.finditer(plain):
        yield match, _date_parts(text, match)
    for match in _SHORT_DATE.finditer(plain):
        yield match, _short_date_parts(text, match)
    for match in _TIME.finditer(plain):
        yield match, _time_parts(text, match)
    for match in _ENGLISH_DATE.finditer(plain):
        parts = _english_date_parts(text, match)
        if parts:
            yield match, parts


def _date_parts(text: str, match: re.Match[str]) -> list[Quantity]:
    units = (("year", Unit.YEAR), ("month", Unit.MONTH), ("day", Unit.DAY))
    return [
        Quantity(Span(*match.span(name)), text[slice(*match.span(name))], Decimal(int(match[name])), unit)
        for name, unit in units
    ]


def _short_date_parts(text: str, match: re.Match[str]) -> list[Quantity]:
    span = Span(*match.span("year" if match["year"] else "year_alone"))
    short = int(span.of(match.string))
    year = short + (1900 if short >= _FIRST_YEAR_OF_1900 else 2000)
    parts = [Quantity(span, span.of(text), Decimal(year), Unit.YEAR)]
    if match["month"]:
        span = Span(*match.span("month"))
        parts.append(Quantity(span, span.of(text), Decimal(int(match["month"])), Unit.MONTH))
    return parts


def _time_parts(text: str, match: re.Match[str]) -> list[Quantity]:
    """Return hour, minute and second, without ":00", which adds nothing to "10시"."""
    spans = [Span(*match.span(name)) for name in ("hour", "minute", "second") if match[name]]
    values = [Decimal(int(span.of(match.string))) for span in spans]
    return [
        Quantity(span, span.of(text), value, Unit.BARE)
        for n, (span, value) in enumerate(zip(spans, values, strict=True))
        if n == 0 or value
    ]


def _english_date_parts(text: str, match: re.Match[str]) -> list[Quantity]:
    verb = match["month"].lower() in ("may", "mar", "march")
    if verb and match["month"][0].islower():
        return []
    if not (match["day1"] or match["day2"] or match["year"]):
        if verb or match["month"][0].islower():
            return []  # a verb more often than a month
        span = Span(*match.span("month"))
        return [Quantity(span, span.of(text), Decimal(_MONTHS[match["month"].lower()]), Unit.MONTH)]
    parts = []
    for name, unit in (("day1", Unit.DAY), ("month", Unit.MONTH), ("day2", Unit.DAY), ("year", Unit.YEAR)):
        if match[name]:
            span = Span(*match.span(name))
            value = _MONTHS[match[name].lower()] if name == "month" else int(match[name])
            parts.append(Quantity(span, span.of(text), Decimal(value), unit))
    return parts
