"""Korean and English quantities in text to values that can be compared, and to English words. Pure.

"1천881억8천만원", "188.18 billion won" and "188,180,000,000 won" are one quantity; so are "세 번째" and
"third". Dates are read as their parts: "2026. 1. 29." is year 2026, month 1, day 29.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import Enum
from functools import lru_cache

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
_NATIVE_TENS = {
    "열": 10,
    "스물": 20,
    "스무": 20,
    "서른": 30,
    "마흔": 40,
    "쉰": 50,
    "예순": 60,
    "일흔": 70,
    "여든": 80,
    "아흔": 90,
}
_NATIVE_ONES = {
    "하나": 1,
    "한": 1,
    "둘": 2,
    "두": 2,
    "셋": 3,
    "세": 3,
    "석": 3,
    "넷": 4,
    "네": 4,
    "넉": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
}
_ENGLISH_SMALL = {
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
    for value, words in enumerate(
        "twenty twentieth|thirty thirtieth|forty fortieth|fifty fiftieth|sixty sixtieth|"
        "seventy seventieth|eighty eightieth|ninety ninetieth".split("|"),
        2,
    )
    for word in words.split()
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
    "번째|째|가지|사람|군데|차례|곳|명|개|건|번|팀|분|대|"
    "장|편|쌍|배|살|달|해|시간|시|권|채|마리|그루|자리|부문|달러|원"
)
# "프로" and its like are units at a word's end, a particle or not, and else begin a word: "프로그램".
_WORD_ENDS = (
    r"(?=(?:은|는|이|가|을|를|의|에|로|과|와|도|만|에서|부터|까지|이다|입니다|이상|이하)?(?![가-힣]))"
)
_UNITS: tuple[tuple[str, Unit], ...] = (
    (r"원", Unit.WON),
    (rf"달러|불{_WORD_ENDS}", Unit.DOLLAR),
    (r"유로", Unit.EURO),
    (rf"엔{_WORD_ENDS}|엔화", Unit.YEN),
    (r"위안", Unit.YUAN),
    (rf"%|퍼센트|프로{_WORD_ENDS}", Unit.PERCENT),
    (r"년", Unit.YEAR),
    # After a space both may begin another word: "2026 월드컵", "3 일본 기업".
    (rf"(?<!\s)월|월{_WORD_ENDS}", Unit.MONTH),
    (rf"(?<!\s)일(?!곱)|일{_WORD_ENDS}", Unit.DAY),
    # After a space only a known counter counts: "2026 월드컵" is as bare as "2026 World Cup".
    (rf"(?<!\s)[가-힣]|{_COUNTERS}", Unit.COUNT),
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
    "$": Unit.DOLLAR,
    "€": Unit.EURO,
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

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(_DIGITS)
# 억 and its like may stand after a space, where they must not begin another word ("2 조건", "3 만남").
_SPACED_LARGE = re.compile(r"\s([만억조경])(?=\s?(?:\d|원|달러|여|유로|위안|엔)|\s*\Z|[\s.,)])")
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})\s?(?P<mark>[.\-/])\s?(?P<month>0?[1-9]|1[0-2])\s?(?P=mark)\s?"
    r"(?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
)
_TIME = re.compile(r"(?<!\d)(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?!\d)")
_ENGLISH_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ENGLISH_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_ENGLISH_DATE = re.compile(
    rf"\b(?:(?P<day1>{_ENGLISH_DAY})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_ENGLISH_MONTH})\b\.?"
    rf"(?:\s+(?P<day2>{_ENGLISH_DAY})(?:st|nd|rd|th)?\b(?![.,]?\d|\s?(?:%|per ?cent)))?"
    r"(?:,?\s+(?P<year>(?:19|20)\d{2})\b)?",
    re.IGNORECASE,
)
_TENS = "|".join(_NATIVE_TENS)
_NATIVE = re.compile(
    rf"(?<![가-힣])(?:(?P<tens>{_TENS})(?P<ones>{'|'.join(_NATIVE_ONES)})?|(?P<only>{'|'.join(_NATIVE_ONES)}))"
    # "두 회사" and "열두 나라" count without a counter; "열 공급" is heat and "둘 다" is both.
    rf"(?=\s?(?:{_COUNTERS})|(?<=[두세네섯곱덟홉무])\s[가-힣])"
)

# 십만 원, 백만 달러, 이천 명: without a digit. One syllable alone needs a space before what it counts
# ("만개" is full bloom, "천장" a ceiling), or money after it.
_SINO_DIGITS = {word: value for value, word in enumerate("일이삼사오육칠팔구", 1)}
_MONEY_AFTER = "원|달러|유로|위안|엔화"
_OVER = r"여\s?(?:명|개|곳|건|년)"
_SINO_COUNTED = f"{_MONEY_AFTER}|{_OVER}|명|개|곳|건|년|퍼센트|%|배|가구|가지|톤|대|회|번째|마리|그루|사람"
_SINO = re.compile(
    rf"(?<![가-힣\d])(?:[일이삼사오육칠팔구십백천만억조]{{2,40}}(?=\s?(?:{_SINO_COUNTED}))"
    rf"|[십백천만](?=\s(?:{_SINO_COUNTED})|{_OVER}|{_MONEY_AFTER}))"
)


def _words(table: Iterable[str]) -> str:
    return "|".join(sorted(table, key=len, reverse=True))


_ONE_TO_NINE = _words(word for word, value in _ENGLISH_SMALL.items() if 0 < value < 10)
_UP_TO_99 = rf"(?:(?:{_words(_ENGLISH_TENS)})(?:[\s-](?:{_ONE_TO_NINE}))?|{_words(_ENGLISH_SMALL)})\b"
_UP_TO_999 = rf"(?:(?:{_UP_TO_99}|half\s+an?|an?)[\s-]hundred\b(?:\s(?:and\s)?{_UP_TO_99})?|{_UP_TO_99})"
_THOUSANDS = rf"(?:{_UP_TO_999}|half\s+an?|an?)[\s-](?:thousand|million|billion|trillion)\b"
# "first two" and "two and three" are two numbers each, "two hundred and three" is one.
_ENGLISH_WORDS = re.compile(
    rf"\b(?!(?:first|second)\shalf\b)"
    rf"(?:{_THOUSANDS}(?:,?\s{_THOUSANDS})*(?:,?\s(?:and\s)?{_UP_TO_999})?|{_UP_TO_999})",
    re.IGNORECASE,
)
_SCALE_AFTER = re.compile(r"\s?(hundred|thousand|million|billion|trillion|bn|mn)\b", re.IGNORECASE)
_SCALED = re.compile(
    rf"(?P<mantissa>{_DIGITS})\s?(?:[십백천]?[만억조]|[십백천]|hundred|thousand|million|billion|trillion|bn|mn)",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?(?:~|∼|–|-|부터|에서|to|and)\s?")
_FULL_WIDTH = {0xFF10 + n: str(n) for n in range(10)} | str.maketrans("％，．＄￦～：", "%,.$₩~:")
_LONGEST_NUMBER = 30  # digits; longer ones are identifiers, equal to themselves only
_EXACT_DIGITS = 80  # enough for the longest number times the largest units
_APPROXIMATELY = re.compile(r"\s?(?:여|남짓)?\s?")
_AMOUNT_END = re.compile(r"\s?여?\s?(?:번째|차례|가지|군데|사람|원|달러|유로|위안|명|건|개|곳|번|팀)")
_CONTINUES = re.compile(r"[천백십만억]|(?<=\d\d\d)여?\s?(?!년|월|일)[가-힣]")


def find_quantities(text: str) -> list[Quantity]:
    """Every number in the text, in order, none overlapping; positions are those in `text`."""
    return list(_find_quantities(text))


@lru_cache(maxsize=4096)  # an answer is held against the same sentences again and again
def _find_quantities(text: str) -> tuple[Quantity, ...]:
    plain = text.translate(_FULL_WIDTH)  # one character for one, so positions hold
    found: list[Quantity] = []
    taken = bytearray(len(plain))

    def take(quantities: Sequence[Quantity], start: int, end: int) -> None:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.extend(quantities)

    with localcontext(prec=_EXACT_DIGITS):
        for match in _DATE.finditer(plain):
            take(_date_parts(text, match), match.start(), match.end())
        for match in _TIME.finditer(plain):
            take(_time_parts(text, match), match.start(), match.end())
        for match in _ENGLISH_DATE.finditer(plain):
            parts = _english_date_parts(text, match)
            if parts:
                take(parts, match.start(), match.end())
        for quantity in _digit_quantities(text, plain):
            take([quantity], quantity.span.start, quantity.span.end)
        for match in _NATIVE.finditer(plain):
            value = _NATIVE_TENS.get(match["tens"], 0) + _NATIVE_ONES.get(match["ones"] or match["only"], 0)
            take([_spelled(text, match, Decimal(value), Unit.COUNT)], match.start(), match.end())
        for match in _SINO.finditer(plain):
            number = _sino_value(match.group())
            if number is not None:
                unit = _unit_after(plain, match.end())
                take([_spelled(text, match, Decimal(number), unit)], match.start(), match.end())
        for match in _ENGLISH_WORDS.finditer(plain):
            unit = _unit_after(plain, match.end())
            unit = Unit.BARE if unit is Unit.COUNT else unit
            take([_spelled(text, match, _english_value(match.group()), unit)], match.start(), match.end())
    return tuple(sorted(found, key=lambda quantity: quantity.span))


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
    if not large and quantity.spelled and quantity.value > 1 and not quantity.text.isascii():
        return str(quantity.value)  # "세 번째", which the model takes for a word
    if not large or quantity.unit not in MONEY | {Unit.COUNT, Unit.BARE}:
        return None
    with localcontext(prec=_EXACT_DIGITS):
        number = english_number(quantity.value)
    return f"{number} {quantity.unit.value}" if quantity.unit in MONEY else number


def gloss_in_english(text: str) -> str:
    """The text with each large Korean amount followed by its English form: "350억 원(= 35 billion won)"."""
    glossed, at = [], 0
    for quantity in find_quantities(text):
        english = in_english(quantity)
        if english:
            end = amount_end(text, quantity)
            glossed += [text[at:end], f"(= {english})"]
            at = end
    return "".join([*glossed, text[at:]])


def amount_end(text: str, quantity: Quantity) -> int:
    """Where the amount ends with its currency: after "원" in "350억 원"."""
    match = _AMOUNT_END.match(text, quantity.span.end)
    return match.end() if match else quantity.span.end


def english_number(value: Decimal) -> str:
    """The number as English writes it: "35 billion", "1,200", exact."""
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
    if len(first.group()) > _LONGEST_NUMBER:
        return Decimal(first.group().replace(",", "")), first.end()
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
        article = mark == "조" and plain.startswith("제", max(0, first.start() - 1))  # "제2조" is Article 2
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
            or len(following.group()) > _LONGEST_NUMBER
            or "." in following.group()
            or Decimal(following.group().replace(",", "")) >= ceiling
        ):
            return total + section + (number or 0), end
        if gap and not _CONTINUES.match(plain, following.end()):
            return total + section, end  # "3만 5명" are two numbers, "1억 4천만" and "8만 5000원" are one
        number, end = Decimal(following.group().replace(",", "")), following.end()


def _finish(plain: str, start: int, end: int, value: Decimal) -> tuple[Unit, Decimal, int]:
    """Unit of the number that ends at `end`, with an English scale word read into its value."""
    scale = _SCALE_AFTER.match(plain, end)
    if scale:
        value *= _ENGLISH_SCALE[scale.group(1).lower()]
        end = scale.end()
    before = plain[max(0, start - _LONGEST_MARK_BEFORE) : start].rstrip()
    for mark, unit in _CURRENCY_BEFORE.items():
        if before.endswith(mark):
            return unit, value, end
    return _unit_after(plain, end), value, end


def _unit_after(plain: str, end: int) -> Unit:
    match = _APPROXIMATELY.match(plain, end)
    at = match.end() if match else end
    if _NOT_A_COUNTER.match(plain, at) and not plain.startswith(("이닝", "가지"), at):
        return Unit.BARE
    found = _UNIT.match(plain, at)
    if not found:
        return Unit.BARE
    unit = _UNITS[int((found.lastgroup or "u0")[1:])][1]
    return Unit.COUNT if unit is Unit.MONTH and plain.startswith("개월", at) else unit


def _in_range(plain: str, quantity: Quantity, following: Quantity) -> Quantity:
    """In "28~29일" the first number has the unit of the second, in "1~2억 원" its scale too."""
    between = _RANGE.fullmatch(plain, quantity.span.end, following.span.start)
    if quantity.unit is not Unit.BARE or not between:
        return quantity
    value = quantity.value
    last = _SCALED.fullmatch(plain, *_ends(following.span))
    if last and "and" not in between.group() and _NUMBER.fullmatch(plain, *_ends(quantity.span)):
        mantissa = Decimal(last["mantissa"].replace(",", ""))
        if value < mantissa:
            value *= following.value / mantissa
    return Quantity(quantity.span, quantity.text, value, following.unit)


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _date_parts(text: str, match: re.Match[str]) -> list[Quantity]:
    units = (("year", Unit.YEAR), ("month", Unit.MONTH), ("day", Unit.DAY))
    return [
        Quantity(Span(*match.span(name)), text[slice(*match.span(name))], Decimal(int(match[name])), unit)
        for name, unit in units
    ]


def _time_parts(text: str, match: re.Match[str]) -> list[Quantity]:
    """Hour, minute and second; ":00" says nothing that "10시" does not."""
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


def _spelled(text: str, match: re.Match[str], value: Decimal, unit: Unit) -> Quantity:
    span = Span(*match.span())
    return Quantity(span, span.of(text), value, unit, spelled=True)


def _sino_value(word: str) -> int | None:
    """Value of "이천오백만"; None when the units are not in falling order, so that it is another word."""
    total = section = digit = 0
    small = large = 10**20
    marked = False
    for mark in word:
        if mark in _SINO_DIGITS:
            if digit:
                return None
            digit = _SINO_DIGITS[mark]
        elif mark in _SMALL:
            if _SMALL[mark] >= small:
                return None
            small, marked = _SMALL[mark], True
            section, digit = section + (digit or 1) * small, 0
        else:
            if _LARGE[mark] >= large or (total and not section + digit):
                return None
            large, small, marked = _LARGE[mark], 10**20, True
            total, section, digit = total + (section + digit or 1) * large, 0, 0
    return total + section + digit if marked else None


def _english_value(words: str) -> Decimal:
    total = section = Decimal(0)
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in ("a", "an"):
            section = section or Decimal(1)
        elif word == "half":
            section = Decimal("0.5")
        elif word == "hundred":
            section *= 100
        elif word in _ENGLISH_SCALE:
            total, section = total + section * _ENGLISH_SCALE[word], Decimal(0)
        else:
            section += _ENGLISH_SMALL.get(word, 0) + _ENGLISH_TENS.get(word, 0)
    return total + section
