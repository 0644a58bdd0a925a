"""Numbers of an answer that belong to something beside what was asked about. Pure.

"The chain reported a loss of 85 million, and the agency has also filed a claim": asked for the agency's
claim, a small model gives the chain's loss. Where the document gives a number for one of two, the clause
that has it names the one.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from index.languages import is_korean
from service.asked import kinds_asked
from service.contrast import CLAUSE_END
from service.given import quantities_of_kind
from service.language import MONTHS_AND_DAYS
from service.naming import is_named, squash
from service.numbers import Quantity, find_quantities
from service.stems import stem
from service.transliterate import is_spelled_in

_LATIN_NAME = re.compile(r"\b[A-Z][a-z]{2,}\b")
_NO_NAMES = MONTHS_AND_DAYS | frozenset(  # with a capital at the beginning of a sentence
    """The This That These Those What Which Who Whose When Where How Why And But For From With Did Does Was
    Were Are Can Could Should Would Please Tell List Name Compared Out Besides Among During After Before
    Since Until Some Each Both All Only About Over Under Per His Her Its Their There Then They She""".split()
)
_NEARLY_ALL = 0.8  # of a sentence's words in their order, from which a statement was meant to be it
_SUBJECT = r"(?:은|는|이|가|의|도)(?![가-힣])"
_SUBJECT_CHARS = 25  # an English clause begins with what it speaks of
_WORD = re.compile(r"\d[\d,.]*|[^\W\d]+")


def is_of_a_rival(
    statement: str,
    question: str,
    quotes: Sequence[str],
    topics: str,
    names_in: Callable[[str], Sequence[str]],
) -> bool:
    """Whether the number given is that of another name, and what is asked about has none in the same quote.

    topics: what the quotes' documents are about, titles and headings. names_in: Korean proper nouns of
    a text.
    """
    asked = _names(question, names_in)
    return bool(asked) and any(
        _stands_with_another(quantity, found, quote, asked, names_in)
        or _are_of_others(found, quote, topics, asked, names_in)
        for quantity, found, quote in _numbers_given(statement, question, quotes)
    )


def quotes_of_numbers(statement: str, question: str, quotes: Sequence[str]) -> list[str]:
    """The quotes that hold a number of the statement that is of the kind asked for."""
    return list(dict.fromkeys(quote for _, _, quote in _numbers_given(statement, question, quotes)))


def _numbers_given(
    statement: str, question: str, quotes: Sequence[str]
) -> Iterator[tuple[Quantity, list[Quantity], str]]:
    """Each number of the kind asked for, with all of that kind in a quote that holds it, and that quote."""
    for kind in kinds_asked(question):
        for quantity in quantities_of_kind(kind, question, statement):
            for quote in quotes:
                found = quantities_of_kind(kind, question, quote)
                if any(quantity.agrees_with(other) for other in found):
                    yield quantity, found, quote


def _are_of_others(
    of_kind: Sequence[Quantity],
    quote: str,
    topics: str,
    asked: Sequence[str],
    names_in: Callable[[str], Sequence[str]],
) -> bool:
    """Whether the quote shares such numbers out, "A gets 500, B gets 400", but to nobody asked about."""
    # Few names of one script are known in the other.
    known = [name for name in asked if name.isascii() is not is_korean(quote)]
    if not known or any(_has(name, f"{quote} {topics}") for name in known):
        return False
    names = _names(quote, names_in)
    shares = [
        clause
        for clause, (start, end) in _clauses(quote)
        if any(start <= q.span.start < end for q in of_kind) and any(name in clause for name in names)
    ]
    return len(shares) > 1


def _stands_with_another(
    given: Quantity,
    of_kind: Sequence[Quantity],
    quote: str,
    asked: Sequence[str],
    names_in: Callable[[str], Sequence[str]],
) -> bool:
    """Whether the number's clauses speak of others, and a clause without such a number of what is asked."""
    mine = [
        clause
        for clause, (start, end) in _clauses(quote)
        if any(given.agrees_with(q) and start <= q.span.start < end for q in of_kind)
    ]
    if not mine or any(_has(name, clause) for name in asked for clause in mine):
        return False
    bare = [
        clause
        for clause, (start, end) in _clauses(quote)
        if not any(start <= q.span.start < end for q in of_kind)
    ]
    is_named_without = any(_has(name, clause) for name in asked for clause in bare)
    names = _names(quote, names_in)
    return is_named_without and all(_has_subject(clause, names) for clause in mine)


def _clauses(quote: str) -> list[tuple[str, tuple[int, int]]]:
    bounds = [0, *(match.end() for match in CLAUSE_END.finditer(quote)), len(quote)]
    return [(quote[start:end], (start, end)) for start, end in itertools.pairwise(bounds)]


def _has_subject(clause: str, names: Sequence[str]) -> bool:
    """Whether a clause speaks of one of these names: not "sold to Samsung", but "Samsung's sales"."""
    return any(
        0 <= clause.find(name) < _SUBJECT_CHARS
        if name.isascii()
        else re.search(rf"{re.escape(name)}\S{{0,3}}{_SUBJECT}", clause)
        for name in names
    )


def relabels(statement: str, sentence: str) -> bool:
    """Whether the statement is the sentence but for a number: what it says of August, said of July."""
    said, written = _stems(statement), _stems(sentence)
    matcher = SequenceMatcher(None, written, said, autojunk=False)
    if matcher.ratio() < _NEARLY_ALL:
        return False
    return any(
        tag == "replace"
        and [q.value for q in find_quantities(" ".join(written[i1:i2]))]
        != [q.value for q in find_quantities(" ".join(said[j1:j2]))]
        and all(word[0].isdigit() for word in (*written[i1:i2], *said[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
    )


def _stems(text: str) -> list[str]:
    """Numbers, and the beginnings of words, for endings vary."""
    return [word if word[0].isdigit() else stem(word) for word in _WORD.findall(text)]


def _names(text: str, names_in: Callable[[str], Sequence[str]]) -> list[str]:
    korean = [squash(name) for name in names_in(text) if len(name) > 1]
    return [*korean, *(name for name in _LATIN_NAME.findall(text) if name not in _NO_NAMES)]


def _has(name: str, clause: str) -> bool:
    if name.isascii():
        return name.lower() in clause.lower() or is_spelled_in(name, clause)
    return is_named(name, clause)
