"""How well a sentence fits what a question asks for: an amount, a share, a count, a date, a person. Pure.

The expected answer type as a feature of ranking (Li and Roth 2002; Severyn and Moschitti 2013): asked how
much, a sentence without a number is no answer, however many words it shares with the question.
"""

import re

from service.asked import Kind, kinds_asked, parts_of
from service.given import quantities_of_kind
from service.people import names_somebody

_COUNTER_ASKED = re.compile(r"몇\s*(사람|군데|차례|가지|마리|나라|[가-힣])")
_SAME_COUNTERS = (("명", "사람", "분", "인"), ("곳", "군데", "개"), ("번", "차례", "회"))
_DATE = re.compile(
    r"\d\s?(?:년|월|일|시|분|개월|주)|\d{2,4}[.-]\s?\d|[월화수목금토일]요일|지난|내년|올해|작년|다음\s?달|이달"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\b(?:19|20)\d\d\b"
    r"|\b(?:days?|weeks?|months?|years?|hours?|minutes?)\b"
    r"|\d\s?(?:[aApP]\.?[mM]\b|o['’]clock)|(?<![\d:])(?:[01]?\d|2[0-4]):[0-5]\d(?![\d,:])"
)
_HANGUL = re.compile("[가-힣]")
_BYLINE = re.compile(r"^\W*[가-힣]{2,4} ?(?:선임)?기자\W*$", re.MULTILINE)
_WRITER_ASKED = re.compile(r"기자|기사를? 쓴|reporter|journalist|wrote", re.IGNORECASE)
_WHO = re.compile(r"누구|누가|누굴|\bwho(?:m|se)?\b", re.IGNORECASE)


def fit(question: str, text: str) -> float:
    """Share of the kinds of thing that the question asks for and the text gives; 0.0 where it asks for none.

    Persons are seen by their titles: Korean documents give one to whom they name.
    """
    given = [gives(kind, part, text) for part in parts_of(question) for kind in kinds_asked(part)]
    if _WHO.search(question):
        is_about_writer = _WRITER_ASKED.search(question)
        given.append(names_somebody(text) and bool(is_about_writer or not _BYLINE.search(text)))
    return sum(given) / len(given) if given else 0.0


def gives(kind: Kind, question: str, text: str) -> bool:
    """Whether the text gives a number of the kind asked for: where Korean asks 몇 쪽, one that counts 쪽."""
    quantities = quantities_of_kind(kind, question, text)
    if kind in (Kind.DATE, Kind.HOUR, Kind.DURATION):
        return bool(_DATE.search(text))
    counter = _COUNTER_ASKED.search(question) if kind is Kind.COUNT else None
    if not counter or not _HANGUL.search(text):
        return bool(quantities)
    own = counter.group(1)
    counters = next((same for same in _SAME_COUNTERS if own in same), (own,))
    return any(text[quantity.span.end :].lstrip(" 여").startswith(counters) for quantity in quantities)
