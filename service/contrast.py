"""Two numbers of one kind in one sentence: which of them is asked for. Pure.

"14.6% of the operators are regional, and 41% of the money goes to regional companies": a small model takes
either for the answer to either question. The words of the question stand in the clause of the right one.
"""

import itertools
import re
from collections.abc import Callable, Sequence

from service.asked import is_only_for_kinds, kinds_asked
from service.given import quantities_of_kind
from service.language import answer_language
from service.numbers import Quantity, english_number, find_quantities

CLAUSE_END = re.compile(
    r"[,;]\s+|(?<=지만)\s+|(?<=[가-힣](?:며|고|나|데))\s+|\s+(?=(?:and|but|while|whereas)\s)", re.IGNORECASE
)


def with_number_asked_for(
    statement: str, question: str, quotes: Sequence[str], n_words_in: Callable[[str], int]
) -> str | None:
    """The statement with the number whose clause has more of the question's words; None where it has it.

    Only for a question that asks for one kind of number, and an answer that gives one. n_words_in: how many
    of the question's words stand in a text.
    """
    if not is_only_for_kinds(question):
        return None
    given = quantities_of_kind(kinds_asked(question)[0], question, statement)
    if len(given) != 1:
        return None
    own = given[0]
    for quote in quotes:
        clauses = _clauses_by_number(quote, own)
        mine = [clause for quantity, clause in clauses if quantity.agrees_with(own)]
        if not mine:
            continue
        asked = {quantity.value for quantity in find_quantities(question)}
        others = [
            (n_words_in(clause), quantity)
            for quantity, clause in clauses
            if not quantity.agrees_with(own) and clause not in mine and quantity.value not in asked
        ]
        n_words, right = max(others, key=lambda pair: pair[0], default=(0, own))
        if n_words <= max(map(n_words_in, mine)):
            return None
        words = english_number(right.value) if answer_language(statement) == "en" else right.text
        return statement[: own.span.start] + words + statement[own.span.end :]
    return None


def _clauses_by_number(quote: str, like: Quantity) -> list[tuple[Quantity, str]]:
    """The quote's numbers of one unit, each with the clause it stands in."""
    ends = [match.end() for match in CLAUSE_END.finditer(quote)]
    bounds = [0, *ends, len(quote)]
    return [
        (quantity, quote[start:end])
        for quantity in find_quantities(quote)
        if quantity.unit is like.unit
        for start, end in itertools.pairwise(bounds)
        if start <= quantity.span.start < end
    ]
