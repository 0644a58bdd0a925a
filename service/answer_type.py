"""How well a sentence fits what a question asks for: an amount, a share, a count, a date, a person. Pure.

The expected answer type as a feature of ranking (Li and Roth 2002; Severyn and Moschitti 2013): asked how
much, a sentence without a number is no answer, however many words it shares with the question.
"""

import re

from service.asked import kinds_asked, quantities_of_kind
from service.people import names_somebody

_WHO = re.compile(r"누구|누가|누굴|\bwho(?:m|se)?\b", re.IGNORECASE)


def fit(question: str, text: str) -> float:
    """Share of the kinds of thing that the question asks for and the text gives; 0.0 where it asks for none.

    Persons are seen by their titles: Korean documents give one to whom they name.
    """
    kinds = kinds_asked(question)
    given = [bool(quantities_of_kind(kind, question, text)) for kind in kinds]
    if _WHO.search(question):
        given.append(names_somebody(text))
    return sum(given) / len(given) if given else 0.0
