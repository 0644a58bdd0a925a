"""What kinds of thing a question asks for, in how many parts. Pure.

The expected answer type of question answering (Li and Roth 2002), for the kinds that can be told from a
question's words and recognised in an answer: amounts, shares, counts, dates, hours and durations.
"""

import re
from enum import Enum


class Kind(Enum):
    """A kind of thing that is asked for."""

    MONEY = "money"
    AMOUNT = "amount"
    SHARE = "share"
    COUNT = "count"
    DATE = "date"
    HOUR = "hour"
    DURATION = "duration"


_SPANS = r"(?:days|weeks|months|years|hours|minutes)\b"
_PAID = r"(?:비|비용|예산|금액|가격|요금|값|상금|매출|연봉|투자액|돈|손해액|지원금|보조금)"
_PRICES = r"(?:budget|price|costs?|fee|fare|amount|sum|salary|rent)\b"
_ASKING = (
    (Kind.SHARE, r"몇\s*(?:퍼센트|%|프로)|what (?:share|percentage|proportion|percent)\b|how many percent"),
    (
        Kind.MONEY,
        rf"{_PAID}(?:[은는이가을를로]|으로)?\s+(?:\S+\s+)?얼마(?!나\s(?:더|덜|많|적|늘|줄|올|오르|내))"
        rf"|{_PAID}(?:[을를]|이\s얼마인지|[은는]?)\s*(?:좀\s)?(?:알려|말해|가르쳐)"
        r"|how much (?:money\b|did \w+ (?:cost|pay)|does \w+ cost|is the (?:price|fee|budget|prize))"
        rf"|(?:what|which) (?:[\w-]+ )?{_PRICES}",
    ),
    (Kind.AMOUNT, r"얼마(?!나)|how much\b(?! (?:time|longer)\b)"),
    (
        Kind.COUNT,
        r"몇\s*(?!(?:년|월|일|시|주|달|개월|퍼센트|프로|몇))[가-힣]"
        rf"|how many\b(?! (?:[\w-]+ )?{_SPANS})",
    ),
    (Kind.HOUR, r"몇\s*시(?!간)|\bwhat time\b|\bat what hour\b"),
    (
        Kind.DURATION,
        r"(?:몇\s*(?:년|월|일)|며칠)\s*(?:동안|간(?![가-힣])|이나|만에|걸)|몇\s*(?:시간|주|달|개월)"
        rf"|how many (?:[\w-]+ )?{_SPANS}|how much time\b",
    ),
    (
        Kind.DATE,
        r"언제|(?:며칠|몇\s*(?:월|일|년))(?!\s*(?:동안|간(?![가-힣])|이나|만에|걸))"
        r"|when\b|what (?:date|day|year)\b|which (?:date|day|year)\b",
    ),
)
_OTHERWISE_ASKING = re.compile(
    r"누구|누가|어디|무엇|무슨|어떤|어떻|어느|왜|뭐|who\b|whom\b|whose\b|where\b"
    rf"|what\b(?! (?:share|percent|proportion|date|day|year|time|hour|(?:[\w-]+ )?{_PRICES}))"
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


def asks_for_each(question: str) -> bool:
    """Whether the question asks the same of several things."""
    return bool(_EACH.search(question))


def asks_for_several(question: str) -> bool:
    """Whether the question has several parts, or asks the same of several things."""
    return len(parts_of(question)) > 1 or asks_for_each(question)


def is_only_for_kinds(question: str) -> bool:
    """Whether the question asks for nothing but one such kind, so that an answer without it is none."""
    return len(kinds_asked(question)) == 1 and not _OTHERWISE_ASKING.search(question)
