"""What kinds of thing a question asks for, and which of them an answer does not give. Pure.

The expected answer type of question answering (Li and Roth 2002), for the kinds that can be told from a
question's words and recognised in an answer: amounts, shares, counts and dates.
"""

import re
from enum import Enum

from service.numbers import MONEY, Quantity, Unit, find_quantities


class Kind(Enum):
    """A kind of thing that is asked for."""

    MONEY = "money"
    AMOUNT = "amount"
    SHARE = "share"
    COUNT = "count"
    DATE = "date"


_SPANS = r"(?:days|weeks|months|years|hours|minutes)\b"
_ASKING = (
    (Kind.SHARE, r"몇\s*(?:퍼센트|%|프로)|what (?:share|percentage|proportion|percent)\b|how many percent"),
    (
        Kind.MONEY,
        r"(?:비|비용|예산|금액|가격|요금|값|상금|매출|연봉|투자액)[은는이가]?\s+(?:\S+\s+)?얼마(?!나)"
        r"|how much (?:money\b|did \w+ (?:cost|pay)|does \w+ cost|is the (?:price|fee|budget|prize))",
    ),
    (Kind.AMOUNT, r"얼마(?!나)|how much\b"),
    (
        Kind.COUNT,
        r"몇\s*(?:명|사람|곳|개(?!월)|건|번|회|차례|가지|팀|부|쪽|권|대|채|마리|나라|개국)"
        rf"|how many\b(?! (?:[\w-]+ )?{_SPANS})",
    ),
    (
        Kind.DATE,
        rf"how many (?:[\w-]+ )?{_SPANS}|"
        r"언제|며칠|몇\s*(?:월|일|년|시)|when\b|what (?:date|day|year)\b|which (?:date|day|year)\b",
    ),
)
_OTHERWISE_ASKING = re.compile(
    r"누구|누가|어디|무엇|무슨|어떤|어떻|어느|왜|뭐|who\b|whom\b|whose\b|where\b"
    r"|what\b(?! (?:share|percent|proportion|date|day|year))"
    r"|which\b(?! (?:date|day|year))|why\b|how\b(?! (?:much|many))",
    re.IGNORECASE,
)
_ASKED_KO = (
    r"누구|누가|누굴|어디|무엇|무슨|어떤|어떻|어느|왜|뭐|언제|며칠|얼마"
    r"|몇|(?:이름|날짜|금액|까닭|이유|시각|장소|숫자|수|값)[은는을이가]?\b"
)
_ASKED_EN = r"\b(?:who|whom|whose|what|which|where|when|why|how)\b"
_ASKED = re.compile(f"{_ASKED_KO}|{_ASKED_EN}", re.IGNORECASE)
# "…은 언제이고, …은 얼마인가요?", "Who …, and when …?", and two questions one after the other.
_BETWEEN_PARTS = re.compile(
    r"(?<=[가-힣](?:고|며))\s*,?\s+|(?<=[?？])\s+|,?\s+and\s+(?=(?:\w+\s+)?(?:who|what|which|where|when|why|how)\b)",
    re.IGNORECASE,
)
_EACH = re.compile(r"각각|둘\s다|\b(?:each|both|respectively)\b", re.IGNORECASE)
_HOUR_ASKED = re.compile(r"몇\s*시(?!간)|\bwhat time\b|\bat what hour\b", re.IGNORECASE)
_HOUR = re.compile(
    r"\d\s?시(?!간)|[한두세네섯곱덟홉열]\s?시(?!간)|정오|자정|\d\s?[ap]\.?m|:\d\d|o'clock|noon|midnight",
    re.IGNORECASE,
)
_DURATION_ASKED = re.compile(
    rf"(?:몇\s*(?:년|월|일|시간)|며칠)\s*(?:동안|간(?![가-힣])|이나)|how many (?:[\w-]+ )?{_SPANS}",
    re.IGNORECASE,
)
_DURATION = re.compile(  # 3년, 두 달, 사흘, two weeks; not 2026년, nor the day of 3월 3일
    r"(?<!\d)(?<!월)(?<!월 )\d{1,3}\s?(?:년|개월|달|주|일|시간|분)"
    r"|(?:한|두|세|석|네|넉)\s?(?:해|달|주|시간)|[일이삼사오]\s?년|하루|이틀|사흘|나흘|열흘|보름|일주일|반년"
    rf"|\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|half)[ -](?:\w+[ -])?"
    rf"(?:{_SPANS}|(?:day|week|month|year|hour|minute)\b)",
    re.IGNORECASE,
)
_LIKELY_MONEY = 10_000
_LEAST_BARE_AMOUNT = 100
_DATE_UNITS = frozenset({Unit.YEAR, Unit.MONTH, Unit.DAY})


def kinds_asked(question: str) -> list[Kind]:
    """The kinds of thing that the question asks for, in the order in which it does."""
    found = [
        (match.start(), kind)
        for kind, words in _ASKING
        if (match := re.search(words, question, re.IGNORECASE))
    ]
    kinds = [kind for _, kind in sorted(found, key=lambda pair: pair[0])]
    return [kind for kind in kinds if not (kind is Kind.AMOUNT and Kind.MONEY in kinds)]


def asks(question: str) -> bool:
    """Whether the question asks for something, and not only whether something is so."""
    return bool(_ASKED.search(question))


def parts_of(question: str) -> list[str]:
    """The question's parts, each of which asks for something; one where it does not ask for several."""
    parts: list[str] = []
    for piece in _BETWEEN_PARTS.split(question):
        if parts and not (_ASKED.search(parts[-1]) and _ASKED.search(piece)):
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return parts


def asks_for_several(question: str) -> bool:
    """Whether the question has several parts, or asks the same of several things."""
    return len(parts_of(question)) > 1 or bool(_EACH.search(question))


def is_only_for_kinds(question: str) -> bool:
    """Whether the question asks for nothing but one such kind, so that an answer without it is none."""
    return len(kinds_asked(question)) == 1 and not _OTHERWISE_ASKING.search(question)


def kinds_missing(question: str, answer: str) -> list[Kind]:
    """The kinds that the question asks for and the answer does not give."""
    return [kind for kind in kinds_asked(question) if not _gives(kind, question, answer)]


def _gives(kind: Kind, question: str, answer: str) -> bool:
    if kind is Kind.DATE and _HOUR_ASKED.search(question):
        return bool(_HOUR.search(answer))
    if kind is Kind.DATE and _DURATION_ASKED.search(question):
        return bool(_DURATION.search(answer))
    return bool(quantities_of_kind(kind, question, answer))


def quantities_of_kind(kind: Kind, question: str, answer: str) -> list[Quantity]:
    """The numbers of such a kind that the answer gives and the question does not."""
    asked = {quantity.text for quantity in find_quantities(question)}
    return [
        quantity for quantity in find_quantities(answer) if quantity.text not in asked and _is(kind, quantity)
    ]


def _is(kind: Kind, quantity: Quantity) -> bool:
    match kind:
        case Kind.MONEY:
            # The currency may go without saying: 350억.
            return quantity.unit in MONEY or (quantity.unit is Unit.BARE and quantity.value >= _LIKELY_MONEY)
        case Kind.AMOUNT:  # "얼마" asks for shares and counts as well, "how much" not for 5 regions
            return quantity.unit not in _DATE_UNITS and not (
                quantity.unit is Unit.BARE and quantity.value < _LEAST_BARE_AMOUNT
            )
        case Kind.SHARE:
            return quantity.unit in (Unit.PERCENT, Unit.BARE)
        case Kind.COUNT:
            return quantity.unit not in _DATE_UNITS | MONEY | {Unit.PERCENT}
        case Kind.DATE:
            return True  # days of the week, hours and "next month" are not told apart
