"""Determine what a number counts from the words and signs around it."""

import re

from service.numbers.quantity import Unit

COUNTERS = (
    "번째|째|가지|사람|군데|차례|곳|명|개|건|번|팀|분|대|"
    "장|편|쌍|배|살|달|해|시간|시|권|채|마리|그루|자리|부문|달러|원"
)
# "프로" and the like are units at a word's end, with or without a particle; else they begin one: "프로그램".
WORD_ENDS = r"(?=(?:은|는|이|가|을|를|의|에|로|과|와|도|만|에서|부터|까지|이다|입니다|이상|이하)?(?![가-힣]))"
_UNITS: tuple[tuple[str, Unit], ...] = (
    (r"원", Unit.WON),
    (rf"달러|불{WORD_ENDS}", Unit.DOLLAR),
    (r"유로", Unit.EURO),
    (rf"엔{WORD_ENDS}|엔화", Unit.YEN),
    (r"위안", Unit.YUAN),
    (r"파운드", Unit.POUND),
    (r"%\s?[pP](?![a-z])|(?:%|퍼센트)\s?포인트", Unit.PERCENTAGE_POINT),
    (rf"%|퍼센트|프로{WORD_ENDS}", Unit.PERCENT),
    (r"년", Unit.YEAR),
    # After a space both may begin another word: "2026 월드컵", "3 일본 기업".
    (rf"(?<!\s)월|월{WORD_ENDS}", Unit.MONTH),
    (rf"(?<!\s)일(?!곱)|일{WORD_ENDS}", Unit.DAY),
    # After a space only a known counter is a unit: "2026 월드컵" is as bare as "2026 World Cup".
    (rf"(?<!\s)[가-힣]|{COUNTERS}", Unit.COUNT),
    (r"(?i:(?:korean )?won\b|krw\b)", Unit.WON),
    (r"(?i:(?:us |u\.s\. )?dollars?\b|usd\b)", Unit.DOLLAR),
    (r"(?i:euros?\b|eur\b)", Unit.EURO),
    (r"(?i:yen\b|jpy\b)", Unit.YEN),
    (r"(?i:yuan\b|cny\b)", Unit.YUAN),
    (r"(?i:percentage points?\b)", Unit.PERCENTAGE_POINT),
    (r"(?i:per ?cent\b)", Unit.PERCENT),
    (r"(?i:pounds?\b|gbp\b)", Unit.POUND),
    (r"(?i:st\b|nd\b|rd\b|th\b)", Unit.BARE),
)
_UNIT = re.compile("|".join(f"(?P<u{n}>{pattern})" for n, (pattern, _) in enumerate(_UNITS)))
_CURRENCY_BEFORE = {
    "₩": Unit.WON,
    "$": Unit.DOLLAR,
    "€": Unit.EURO,
    "£": Unit.POUND,
    "¥": Unit.YEN,
    "KRW": Unit.WON,
    "USD": Unit.DOLLAR,
    "EUR": Unit.EURO,
    "JPY": Unit.YEN,
}
_LONGEST_MARK_BEFORE = max(len(mark) for mark in _CURRENCY_BEFORE) + 1  # and a space
# After a number these Hangul syllables are particles or endings, not counters ("8을", "2024에", "3과").
_NOT_A_COUNTER = re.compile(
    r"(?:은|는|이|가|을|를|과|와|의|에|로|으로|도|만|이상|이하|부터|까지|이다|입니다|였)"
)
_APPROXIMATELY = re.compile(r"\s?(?:여|남짓)?\s?")


def unit_after(plain: str, end: int) -> Unit:
    """Return the unit after a number that ends at `end`, BARE if there is none."""
    match = _APPROXIMATELY.match(plain, end)
    at = match.end() if match else end
    if _NOT_A_COUNTER.match(plain, at) and not plain.startswith(("이닝", "가지"), at):
        return Unit.BARE
    found = _UNIT.match(plain, at)
    if not found:
        return Unit.BARE
    unit = _UNITS[int((found.lastgroup or "u0")[1:])][1]
    return Unit.COUNT if unit is Unit.MONTH and plain.startswith("개월", at) else unit


def currency_before(plain: str, start: int) -> Unit | None:
    """Return the unit of a currency sign before a number that begins at `start`."""
    before = plain[max(0, start - _LONGEST_MARK_BEFORE) : start].rstrip()
    return next((unit for mark, unit in _CURRENCY_BEFORE.items() if before.endswith(mark)), None)
