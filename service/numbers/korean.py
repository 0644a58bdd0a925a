"""Parse Korean numerals: native ("스물다섯"), Sino-Korean ("천이백억"), and the units mixed with digits."""

import re
from collections.abc import Iterator
from decimal import Decimal

from service.numbers.units import COUNTERS, WORD_ENDS

SMALL = {"십": 10, "백": 100, "천": 1000}
LARGE = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
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
_TENS = "|".join(_NATIVE_TENS)
_NATIVE = re.compile(
    rf"(?<![가-힣])(?:(?P<tens>{_TENS})(?P<ones>{'|'.join(_NATIVE_ONES)})?|(?P<only>{'|'.join(_NATIVE_ONES)}))"
    # "두 회사" and "열두 나라" count without a counter; "열 공급" is heat and "둘 다" is both.
    rf"(?=\s?(?:{COUNTERS})|(?<=[두세네섯곱덟홉무])\s[가-힣])"
)

# 십만 원, 백만 달러, 이천 명: without a digit. One syllable alone needs a space before what it counts
# ("만개" is full bloom, "천장" a ceiling), or money after it.
_SINO_DIGITS = {word: value for value, word in enumerate("일이삼사오육칠팔구", 1)}
_MONEY_AFTER = "원|달러|유로|위안|엔화"
_OVER = r"여\s?(?:명|개|곳|건|년)"
_SINO_COUNTED = f"{_MONEY_AFTER}|{_OVER}|명|개|곳|건|년|퍼센트|%|배|가구|가지|톤|대|회|번째|마리|그루|사람"
_SINO = re.compile(
    rf"(?:(?<![가-힣\d])|(?<=일금)|(?<=일금\s))(?:[일이삼사오육칠팔구십백천만억조]{{2,40}}(?=\s?(?:{_SINO_COUNTED}))"
    rf"|[십백천만](?=\s(?:{_SINO_COUNTED})|{_OVER}|{_MONEY_AFTER}))"
)


_DAYS = {
    "이틀": 2,
    "사흘": 3,
    "나흘": 4,
    "닷새": 5,
    "엿새": 6,
    "이레": 7,
    "여드레": 8,
    "아흐레": 9,
    "열흘": 10,
    "보름": 15,
}
# Not at the beginning of another word: 보름달 is the full moon, 이레건설 a company.
_DAYS_WORD = re.compile(rf"(?<![가-힣])(?:{'|'.join(_DAYS)})(?:{WORD_ENDS}|(?=간|째|씩|만에|이나))")


def native_days(plain: str) -> Iterator[tuple[re.Match[str], Decimal]]:
    """Yield matches of native words for a number of days, and their values."""
    for match in _DAYS_WORD.finditer(plain):
        yield match, Decimal(_DAYS[match.group()])


def native_numerals(plain: str) -> Iterator[tuple[re.Match[str], Decimal]]:
    """Yield matches of native numerals that count something, and their values."""
    for match in _NATIVE.finditer(plain):
        ones = match["ones"] or match["only"]
        yield match, Decimal(_NATIVE_TENS.get(match["tens"], 0) + _NATIVE_ONES.get(ones, 0))


def sino_numerals(plain: str) -> Iterator[tuple[re.Match[str], Decimal]]:
    """Yield matches of Sino-Korean numerals that count something, and their values."""
    for match in _SINO.finditer(plain):
        value = _sino_value(match.group())
        if value is not None:
            yield match, Decimal(value)


def _sino_value(word: str) -> int | None:
    """Return the value of "이천오백만"; None if the units do not decrease, so that it is another word."""
    total = section = digit = 0
    small = large = 10**20
    marked = False
    for mark in word:
        if mark in _SINO_DIGITS:
            if digit:
                return None
            digit = _SINO_DIGITS[mark]
        elif mark in SMALL:
            if SMALL[mark] >= small:
                return None
            small, marked = SMALL[mark], True
            section, digit = section + (digit or 1) * small, 0
        else:
            if LARGE[mark] >= large or (total and not section + digit):
                return None
            large, small, marked = LARGE[mark], 10**20, True
            total, section, digit = total + (section + digit or 1) * large, 0, 0
    return total + section + digit if marked else None
