"""What of the kinds that are asked for a text gives. Pure."""

import re

from service.asked import Kind, kinds_asked
from service.numbers import MONEY, Quantity, Unit, find_quantities

_HOUR = re.compile(
    r"\d\s?시(?!간)|[한두세네섯곱덟홉열]\s?시(?!간)|정오|자정|\d\s?[ap]\.?m|:\d\d|o'clock|noon|midnight",
    re.IGNORECASE,
)
_DURATION = re.compile(  # 3년, 두 달, 사흘, two weeks; not 2026년, nor the day of 3월 3일, nor 5시 30분
    r"(?<!\d)(?<!월)(?<!월 )\d{1,3}\s?(?:년|개월|달|주|일|시간)"
    r"|(?<!\d)(?<!시)(?<!시 )\d{1,3}\s?분(?!\s?의)"
    r"|(?:한|두|세|석|네|넉)\s?(?:해|달|주|시간)|[일이삼사오]\s?년|하루|이틀|사흘|나흘|열흘|보름|일주일|반년"
    r"|\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|half)[ -](?:\w+[ -])?"
    r"(?:day|week|month|year|hour|minute)s?\b",
    re.IGNORECASE,
)
_LIKE_UNITS = (  # asked for weeks, 24 months are the length of something else
    (
        re.compile(r"몇\s*시간|how many hours", re.IGNORECASE),
        re.compile(r"시간|분|hour|minute|반나절|하루", re.IGNORECASE),
    ),
    (
        re.compile(r"몇\s*주|how many (?:\w+ )?weeks", re.IGNORECASE),
        re.compile(r"주|일|week|day|[사나열보]흘|보름", re.IGNORECASE),
    ),
)
_FROM = re.compile(r"부터|[~∼–]|\bfrom\b", re.IGNORECASE)
_LIKELY_MONEY = 10_000
_LEAST_BARE_AMOUNT = 100
_DATE_UNITS = frozenset({Unit.YEAR, Unit.MONTH, Unit.DAY})


def kinds_missing(question: str, answer: str) -> list[Kind]:
    """The kinds that the question asks for and the answer does not give."""
    return [kind for kind in kinds_asked(question) if not _gives(kind, question, answer)]


def quantities_of_kind(kind: Kind, question: str, answer: str) -> list[Quantity]:
    """The numbers of such a kind that the answer gives and the question does not."""
    asked = {quantity.text for quantity in find_quantities(question)}
    return [
        quantity for quantity in find_quantities(answer) if quantity.text not in asked and _is(kind, quantity)
    ]


def _gives(kind: Kind, question: str, answer: str) -> bool:
    match kind:
        case Kind.HOUR:
            return bool(_HOUR.search(answer))
        case Kind.DURATION:  # from one day to another is an answer as well
            unit = next((names for asked, names in _LIKE_UNITS if asked.search(question)), None)
            if unit and not unit.search(answer):
                return False
            is_range = _FROM.search(answer) and len(quantities_of_kind(kind, question, answer)) > 1
            return bool(_DURATION.search(answer) or is_range)
        case _:
            return bool(quantities_of_kind(kind, question, answer))


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
            return quantity.unit not in MONEY | {Unit.PERCENT, Unit.COUNT}
        case Kind.HOUR | Kind.DURATION:
            return True  # days of the week and hours are not told apart
