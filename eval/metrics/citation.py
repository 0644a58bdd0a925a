"""Whether the citations of an answer are true, needed and enough. Pure.

Support is lexical: a statement is supported when the quotes hold all of its numbers, most of its words, and
most of those that it does not only repeat from the question.
That says less than a reader or an entailment model would, but the same every time and in every language.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from eval.metrics.matching import GoldGroups, groups_held, groups_held_by_any
from eval.metrics.overlap import without_markers
from eval.types import QuotedSpan
from index.languages import is_korean
from service.markers import split_statements
from service.numbers import find_quantities, unsupported_quantities
from service.transliterate import spells

Words = Callable[[str], Sequence[str]]

LEAST_SHARED_WORDS = 0.5  # of a statement's content words, for quotes in its own language to support it
_MARKER_GROUP = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_LATIN_NAME = re.compile(r"\b[A-Z][A-Za-z]+")
_HANGUL_WORD = re.compile(r"[가-힣]{2,}")


@dataclass(frozen=True, slots=True)
class CitedStatement:
    """One sentence of an answer without its markers, and the quotes that it cites, in order, once each."""

    text: str
    quotes: tuple[str, ...]


def cited_statements(answer: str, citations: Sequence[QuotedSpan]) -> list[CitedStatement]:
    """The sentences of the answer with what they cite. A marker that no citation has cites nothing."""
    quotes = {citation.marker: citation.quote for citation in citations}
    statements = []
    for statement in _with_whole_quotations(split_statements(answer)):
        groups = _MARKER_GROUP.findall(statement)
        markers = dict.fromkeys(int(number) for group in groups for number in re.findall(r"\d+", group))
        cited = tuple(quotes[marker] for marker in markers if marker in quotes)
        statements.append(CitedStatement(without_markers(statement), cited))
    return statements


def _with_whole_quotations(statements: Sequence[str]) -> Iterator[str]:
    """The statements, those put together again that were parted inside “…”: a quoted list has full stops."""
    quoted: list[str] = []
    for position, statement in enumerate(statements):
        quoted.append(statement)
        is_open = " ".join(quoted).rfind("“") > " ".join(quoted).rfind("”")
        if not is_open or not any("”" in later for later in statements[position + 1 :]):
            yield " ".join(quoted)
            quoted = []


def verbatim_rate(citations: Sequence[QuotedSpan], texts: Mapping[str, str]) -> float:
    """Share of the citations whose quote is exactly the stored text of their span; must be 1.

    texts: stored text by source; a document that is not there makes its quotes false. Raises ValueError
    without citations.
    """
    if not citations:
        raise ValueError("without a citation there is nothing to be verbatim")
    exact = sum(
        citation.quote != ""
        and texts.get(citation.document, "")[citation.start : citation.end] == citation.quote
        for citation in citations
    )
    return exact / len(citations)


def gold_precision(citations: Sequence[QuotedSpan], groups: GoldGroups) -> float:
    """Share of the citations that match a gold span, 0 without citations."""
    return sum(bool(groups_held(citation, groups)) for citation in citations) / max(1, len(citations))


def gold_recall(citations: Sequence[QuotedSpan], groups: GoldGroups) -> float:
    """Share of the gold groups that some citation matches."""
    return len(groups_held_by_any(citations, groups)) / len(groups)


def is_supported(statement: str, quotes: Sequence[str], words: Words, question: str = "") -> bool:
    """Whether the quotes together say what the statement says, as far as words and numbers can tell.

    Every number has to be in the quotes (`unsupported_quantities`), and so has at least
    LEAST_SHARED_WORDS of the content words, and of those that the question does not hold: a quote that only
    repeats what was asked supports no answer. Between Korean and English words cannot be compared: there
    the quotes have to hold one of the statement's numbers or names, as written or as Hangul spells it.
    A statement without any content word says nothing that could be unsupported.
    """
    if not quotes or unsupported_quantities(statement, quotes):
        return False
    evidence = " ".join(quotes)
    if is_korean(statement) != is_korean(evidence):
        return _shares_number(statement, evidence) or _shares_name(statement, evidence)
    said = {word for word in words(statement) if not word.isdigit()}  # numbers have been looked at
    known = set(chain.from_iterable(words(quote) for quote in quotes))
    # A name may be cut into other morphemes there.
    held = {word for word in said if word in known or (len(word) > 1 and word in evidence.lower())}
    new = said.difference(words(question)) if question else said
    return len(held) >= LEAST_SHARED_WORDS * len(said) and len(held & new) >= LEAST_SHARED_WORDS * len(new)


def citation_recall(statements: Sequence[CitedStatement], words: Words, question: str = "") -> float:
    """Share of the statements that the quotes they cite support, 0 without statements.

    ALCE's citation recall (Gao et al. 2023), with `is_supported` for its entailment model.
    """
    supported = sum(is_supported(one.text, one.quotes, words, question) for one in statements)
    return supported / max(1, len(statements))


def citation_precision(statements: Sequence[CitedStatement], words: Words, question: str = "") -> float:
    """Share of the citations that a supported statement needs, 0 without citations.

    ALCE's citation precision (Gao et al. 2023): a citation counts when its statement is
    supported by all it cites, and it is not irrelevant. It is irrelevant when it alone does not support
    the statement and without it the others still do.
    """
    n_citations = sum(len(statement.quotes) for statement in statements)
    n_needed = sum(_n_needed(statement, words, question) for statement in statements)
    return n_needed / max(1, n_citations)


def n_uncited(statements: Iterable[CitedStatement]) -> int:
    """How many statements cite nothing."""
    return sum(not statement.quotes for statement in statements)


def n_unsupported_numbers(statements: Iterable[CitedStatement]) -> int:
    """How many numbers are shown that stand in no quote of their statement."""
    return sum(len(unsupported_quantities(statement.text, statement.quotes)) for statement in statements)


def _n_needed(statement: CitedStatement, words: Words, question: str) -> int:
    def supports(quotes: Sequence[str]) -> bool:
        return is_supported(statement.text, quotes, words, question)

    quotes = statement.quotes
    if not supports(quotes):
        return 0
    return sum(
        supports([quote]) or not supports([*quotes[:position], *quotes[position + 1 :]])
        for position, quote in enumerate(quotes)
    )


def _shares_number(statement: str, evidence: str) -> bool:
    backed = find_quantities(evidence)
    return any(quantity.agrees_with(other) for quantity in find_quantities(statement) for other in backed)


def _shares_name(statement: str, evidence: str) -> bool:
    """Whether a name on one side is on the other: as it is, or as Hangul spells it."""
    return any(
        any(name in other for name in _HANGUL_WORD.findall(one))
        or any(_is_named(name, other) for name in _LATIN_NAME.findall(one))
        for one, other in ((statement, evidence), (evidence, statement))
    )


def _is_named(name: str, text: str) -> bool:
    # A Hangul word may carry a particle: any beginning of it may be the name.
    return re.search(rf"(?i)\b{name}\b", text) is not None or any(
        spells(word[:n], name) for word in _HANGUL_WORD.findall(text) for n in range(2, len(word) + 1)
    )
