"""Korean and English quantities in text to values that can be compared, and to English words. Pure.

"1천881억8천만원", "188.18 billion won" and "188,180,000,000 won" are one quantity; so are "세 번째" and
"third". Dates are read as their parts: "2026. 1. 29." is year 2026, month 1, day 29.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from index.types import Span


class Unit(Enum):
    """What a number counts; two numbers agree only when their units do."""

    WON = "won"
    DOLLAR = "dollars"
    EURO = "euros"
    YEN = "yen"
    YUAN = "yuan"
    PERCENT = "percent"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    COUNT = "count"
    BARE = "bare"  # no unit is written; agrees with any


MONEY = frozenset({Unit.WON, Unit.DOLLAR, Unit.EURO, Unit.YEN, Unit.YUAN})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written at `span`, its exact value and unit. spelled: in words, so it may be a pronoun."""

    span: Span
    text: str
    value: Decimal
    unit: Unit
    spelled: bool = False

    def agrees_with(self, other: "Quantity") -> bool:
        """Same value, and the same unit or one of them without any."""
        return self.value == other.value and (self.unit is other.unit or Unit.BARE in (self.unit, other.unit))


_SMALL = {"십": 10, "백": 100, "천": 1000}
_LARGE = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
_NATIVE_TENS = {"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50}
_NATIVE_ONES = {
    "하나": 1,
    "한": 1,
    "둘": 2,
    "두": 2,
    "셋": 3,
    "세": 3,
    "석": 3,
    "서": 3,
    "넷": 4,
    "네": 4,
    "넉": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
}
_ENGLISH_ONES = {
    word: value
    for value, words in enumerate(
        "zero|one first|two second|three third|four fourth|five fifth|six sixth|seven seventh|eight eighth|"
        "nine ninth|ten tenth|eleven eleventh|twelve twelfth|thirteen thirteenth|fourteen fourteenth|"
        "fifteen fifteenth|sixteen sixteenth|seventeen seventeenth|eighteen eighteenth|"
        "nineteen nineteenth".split("|")
    )
    for word in words.split()
}
_ENGLISH_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_ENGLISH_SCALE = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "bn": 10**9,
    "mn": 10**6,
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|"
        "sep sept september|oct october|nov november|dec december".split("|"),
        1,
    )
    for name in names.split()
}
_COUNTERS = (
    "번째|가지|사람|군데|차례|곳|명|개|건|번|팀|분|대|"
    "장|편|쌍|배|살|달|해|시간|시|권|채|마리|그루|자리|부문|달러|원"
)
_UNITS: tuple[tuple[str, Unit], ...] = (
    (r"원", Unit.WON),
    (r"달러|불(?![가-힣])", Unit.DOLLAR),
    (r"유로", Unit.EURO),
    (r"엔(?![가-힣])|엔화", Unit.YEN),
    (r"위안", Unit.YUAN),
    (r"%|퍼센트|프로(?![가-힣])", Unit.PERCENT),
    (r"년", Unit.YEAR),
    (r"월", Unit.MONTH),
    (r"일(?!곱)", Unit.DAY),
    (r"[가-힣]", Unit.COUNT),
    (r"(?i:(?:korean )?won\b|krw\b)", Unit.WON),
    (r"(?i:(?:us |u\.s\. )?dollars?\b|usd\b)", Unit.DOLLAR),
    (r"(?i:euros?\b|eur\b)", Unit.EURO),
    (r"(?i:yen\b|jpy\b)", Unit.YEN),
    (r"(?i:yuan\b|cny\b)", Unit.YUAN),
    (r"(?i:per ?cent(?:age points?)?\b)", Unit.PERCENT),
    (r"(?i:st\b|nd\b|rd\b|th\b)", Unit.BARE),
)
_UNIT = re.compile("|".join(f"(?P<u{n}>{pattern})" for n, (pattern, _) in enumerate(_UNITS)))
_CURRENCY_BEFORE = {
    "₩": Unit.WON,
    "￦": Unit.WON,
    "$": Unit.DOLLAR,
    "€": Unit.EURO,
    "¥": Unit.YEN,
    "KRW": Unit.WON,
    "USD": Unit.DOLLAR,
}
# After a number these Hangul syllables are particles or endings, not counters ("8을", "2024에", "3과").
_NOT_A_COUNTER = re.compile(
    r"(?:은|는|이|가|을|를|과|와|의|에|로|으로|도|만|이상|이하|부터|까지|이다|입니다|였)"
)

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(_DIGITS)
# 억 and its like may stand after a space, where they must not begin another word ("2 조건", "3 만남").
_SPACED_LARGE = re.compile(r"\s([만억조경])(?=\s?(?:\d|원|달러|여|유로|위안|엔)|\s*\Z|[\s.,)])")
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})\s?(?P<mark>[.\-/])\s?(?P<month>0?[1-9]|1[0-2])\s?(?P=mark)\s?"
    r"(?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
)
_ENGLISH_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ENGLISH_DATE = re.compile(
    rf"\b(?:(?P<day1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_ENGLISH_MONTH})\b\.?"
    r"(?:\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?\b(?!\s?(?:%|percent)))?(?:,?\s+(?P<year>(?:19|20)\d{2})\b)?",
    re.IGNORECASE,
)
_NATIVE = re.compile(
    rf"(?<![가-힣])(?:(?P<tens>{'|'.join(_NATIVE_TENS)})(?P<ones>{'|'.join(_NATIVE_ONES)})?"
    rf"|(?P<only>{'|'.join(_NATIVE_ONES)}))(?=\s?(?:{_COUNTERS}))"
)
_WORD = "|".join(sorted([*_ENGLISH_ONES, *_ENGLISH_TENS], key=len, reverse=True))
_ENGLISH_WORDS = re.compile(
    rf"\b(?:{_WORD})\b(?:[\s-]+(?:and\s+)?(?:{_WORD}|hundred|thousand|million|billion|trillion)\b)*",
    re.IGNORECASE,
)
_SCALE_AFTER = re.compile(r"\s?(hundred|thousand|million|billion|trillion|bn|mn)\b", re.IGNORECASE)
_RANGE = re.compile(r"\s?(?:~|∼|–|-|부터|에서|to|and)\s?")
_FULL_WIDTH = {0xFF10 + n: str(n) for n in range(10)} | {0xFF05: "%", 0xFF0C: ",", 0xFF0E: "."}


def find_quantities(text: str) -> list[Quantity]:
    """Every number in the text, in order, none overlapping; positions are those in `text`."""
    plain = text.translate(_FULL_WIDTH)  # one character for one, so positions hold
    found: list[Quantity] = []
    taken = bytearray(len(plain))

    def take(quantities: Sequence[Quantity], start: int, end: int) -> None:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.extend(quantities)

    for match in _DATE.finditer(plain):
        take(_date_parts(text, match), match.start(), match.end())
    for match in _ENGLISH_DATE.finditer(plain):
        parts = _english_date_parts(text, match)
        if parts:
            take(parts, match.start(), match.end())
    for quantity in _digit_quantities(text, plain):
        take([quantity], quantity.span.start, quantity.span.end)
    for match in _NATIVE.finditer(plain):
        value = _NATIVE_TENS.get(match["tens"], 0) + _NATIVE_ONES.get(match["ones"] or match["only"], 0)
        take([_spelled(text, match, value, Unit.COUNT)], match.start(), match.end())
    for match in _ENGLISH_WORDS.finditer(plain):
        value = _english_value(match.group())
        unit, _ = _unit_after(plain, match.end())
        take(
            [_spelled(text, match, value, Unit.BARE if unit is Unit.COUNT else unit)],
            match.start(),
            match.end(),
        )
    return sorted(found, key=lambda quantity: quantity.span)


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


def in_english(quantity: Quantity) -> str | None:
    """The amount as English writes it, "35 billion won"; None where a translation has nothing to convert."""
    large = any(mark in quantity.text for mark in "만억조천")
    if not large or quantity.unit not in MONEY | {Unit.COUNT, Unit.BARE}:
        return None
    number = _english_number(quantity.value)
    return f"{number} {quantity.unit.value}" if quantity.unit in MONEY else number


def gloss_in_english(text: str) -> str:
    """The text with each large Korean amount followed by its English form: "350억 원(= 35 billion won)"."""
    glossed, at = [], 0
    for quantity in find_quantities(text):
        english = in_english(quantity)
        if english:
            end = _amount_end(text, quantity)
            glossed += [text[at:end], f"(= {english})"]
            at = end
    return "".join([*glossed, text[at:]])


def _amount_end(text: str, quantity: Quantity) -> int:
    match = re.compile(r"\s?여?\s?(?:원|달러|유로|위안|명|건|개|곳)").match(text, quantity.span.end)
    return match.end() if match else quantity.span.end


def _english_number(value: Decimal) -> str:
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if value >= size:
            short = (value / size).normalize()
            if -int(short.as_tuple().exponent) <= 3:
                return f"{short:,f} {name}"
    return f"{value.normalize():,f}"


def _digit_quantities(text: str, plain: str) -> Iterator[Quantity]:
    """Numbers written with digits, alone or mixed with 천, 만, 억, 조."""
    previous: Quantity | None = None
    at = 0
    while match := _NUMBER.search(plain, at):
        value, end = _mixed_value(plain, match)
        unit, value, end = _finish(plain, match.start(), end, value)
        quantity = Quantity(Span(match.start(), end), text[match.start() : end], value, unit)
        if previous is not None:
            yield _in_range(plain, previous, quantity)
        previous, at = quantity, end
    if previous is not None:
        yield previous


def _mixed_value(plain: str, first: re.Match[str]) -> tuple[Decimal, int]:
    """Value and end of the number that begins with these digits: "1천881억8천만", "3만5000", "1억 4천만"."""
    total = section = Decimal(0)
    number: Decimal | None = Decimal(first.group().replace(",", ""))
    small = large = 10**20  # units come in falling order within one number
    end = first.end()
    while True:
        mark = plain[end : end + 1]
        if number is not None and mark in _SMALL and mark and _SMALL[mark] < small:
            small = _SMALL[mark]
            section, number, end = section + number * small, None, end + 1
            continue
        spaced = _SPACED_LARGE.match(plain, end)
        mark = spaced.group(1) if spaced else mark
        article = mark == "조" and plain[: first.start()].endswith("제")  # "제2조" is Article 2
        if mark and mark in _LARGE and _LARGE[mark] < large and not article:
            large, small = _LARGE[mark], 10**20
            total += (section + (number or 0)) * large
            section, number, end = Decimal(0), None, spaced.end() if spaced else end + 1
            continue
        gap = 1 if number is None and plain[end : end + 1] == " " else 0
        following = _NUMBER.match(plain, end + gap) if number is None else None
        ceiling = min(small, large)
        if (
            not following
            or "." in following.group()
            or Decimal(following.group().replace(",", "")) >= ceiling
        ):
            return total + section + (number or 0), end
        if gap and not re.match(r"[천백십만억]", plain[following.end() : following.end() + 1] or " "):
            return total + section, end  # "3만 5명" are two numbers, "1억 4천만" is one
        number, end = Decimal(following.group().replace(",", "")), following.end()


def _finish(plain: str, start: int, end: int, value: Decimal) -> tuple[Unit, Decimal, int]:
    """Unit of the number that ends at `end`, with an English scale word read into its value."""
    scale = _SCALE_AFTER.match(plain, end)
    if scale:
        value *= _ENGLISH_SCALE[scale.group(1).lower()]
        end = scale.end()
    for mark, unit in _CURRENCY_BEFORE.items():
        if plain[max(0, start - len(mark) - 1) : start].rstrip().endswith(mark):
            return unit, value, end
    unit, _ = _unit_after(plain, end)
    return unit, value, end


def _unit_after(plain: str, end: int) -> tuple[Unit, int]:
    match = re.compile(r"\s?(?:여|남짓)?\s?").match(plain, end)
    at = match.end() if match else end
    if _NOT_A_COUNTER.match(plain, at) and not plain.startswith(("이닝", "가지", "만원", "만 원"), at):
        return Unit.BARE, end
    found = _UNIT.match(plain, at)
    if not found:
        return Unit.BARE, end
    number = int((found.lastgroup or "u0")[1:])
    if _UNITS[number][1] is Unit.MONTH and plain.startswith("개월", at):
        return Unit.COUNT, end
    return _UNITS[number][1], end


def _in_range(plain: str, quantity: Quantity, following: Quantity) -> Quantity:
    """In "28~29일" the first number has the unit of the second."""
    between = _RANGE.fullmatch(plain, quantity.span.end, following.span.start)
    if quantity.unit is Unit.BARE and between:
        return Quantity(quantity.span, quantity.text, quantity.value, following.unit)
    return quantity


def _date_parts(text: str, match: re.Match[str]) -> list[Quantity]:
    units = (("year", Unit.YEAR), ("month", Unit.MONTH), ("day", Unit.DAY))
    return [
        Quantity(Span(*match.span(name)), text[slice(*match.span(name))], Decimal(int(match[name])), unit)
        for name, unit in units
    ]


def _english_date_parts(text: str, match: re.Match[str]) -> list[Quantity]:
    if not (match["day1"] or match["day2"] or match["year"]):
        if match["month"].lower() in ("may", "mar", "march") or not match["month"][0].isupper():
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


def _spelled(text: str, match: re.Match[str], value: int, unit: Unit) -> Quantity:
    return Quantity(
        Span(match.start(), match.end()),
        text[match.start() : match.end()],
        Decimal(value),
        unit,
        spelled=True,
    )


def _english_value(words: str) -> int:
    total = section = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word in _ENGLISH_SCALE:
            scale = _ENGLISH_SCALE[word]
            if scale == 100:
                section = max(section, 1) * 100
            else:
                total += max(section, 1) * scale
                section = 0
        else:
            section += _ENGLISH_ONES.get(word, 0) + _ENGLISH_TENS.get(word, 0)
    return total + section
