"""Whether the citations of an answer are correct, necessary and sufficient. Pure.

Support is lexical: a statement is supported when the quotes contain all of its numbers, at least half of its
content words, and at least half of those that are not in the question. That says less than a reader or an
entailment model would, but is reproducible and works in every language.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from eval.metrics.markers import split_statements
from eval.metrics.matching import GoldGroups, groups_held, groups_held_by_any
from eval.metrics.numbers import number_values, unsupported_numbers
from eval.metrics.overlap import without_markers
from eval.types import QuotedSpan
from index.search.language_bias import is_korean
from index.search.transliteration import spells

Words = Callable[[str], Sequence[str]]

LEAST_SHARED_WORDS = 0.5  # of a statement's content words, required of quotes in its language
_MARKER_GROUP = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_LATIN_NAME = re.compile(r"\b[A-Z][A-Za-z]+")
_HANGUL_WORD = re.compile(r"[가-힣]{2,}")


@dataclass(frozen=True, slots=True)
class CitedStatement:
    """One sentence of an answer without markers, and the quotes it cites, in order without repeats."""

    text: str
    quotes: tuple[str, ...]


def cited_statements(answer: str, citations: Sequence[QuotedSpan]) -> list[CitedStatement]:
    """Split an answer into sentences with the quotes they cite. Markers without a citation are ignored."""
    quotes = {citation.marker: citation.quote for citation in citations}
    statements = []
    for statement in _with_whole_quotations(split_statements(answer)):
        groups = _MARKER_GROUP.findall(statement)
        markers = dict.fromkeys(int(number) for group in groups for number in re.findall(r"\d+", group))
        cited = tuple(quotes[marker] for marker in markers if marker in quotes)
        statements.append(CitedStatement(without_markers(statement), cited))
    return statements


def _with_whole_quotations(statements: Sequence[str]) -> Iterator[str]:
    """Yield the statements, rejoining those split inside “…”: a quoted list contains full stops."""
    quoted: list[str] = []
    for position, statement in enumerate(statements):
        quoted.append(statement)
        is_open = " ".join(quoted).rfind("“") > " ".join(quoted).rfind("”")
        if not is_open or not any("”" in later for later in statements[position + 1 :]):
            yield " ".join(quoted)
            quoted = []


def verbatim_rate(citations: Sequence[QuotedSpan], texts: Mapping[str, str]) -> float:
    """Return the share of citations whose quote is exactly the stored text of their span; must be 1.

    texts: stored text by source; quotes of an absent document count as wrong. Raises ValueError without
    citations.
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
    """Return the share of citations that match a gold span, 0 without citations."""
    return sum(bool(groups_held(citation, groups)) for citation in citations) / max(1, len(citations))


def gold_recall(citations: Sequence[QuotedSpan], groups: GoldGroups) -> float:
    """Return the share of gold groups that some citation matches."""
    return len(groups_held_by_any(citations, groups)) / len(groups)


def is_supported(statement: str, quotes: Sequence[str], words: Words, question: str = "") -> bool:
    """Return whether the quotes together support the statement, judging by words and numbers.

    The quotes must contain every number (`unsupported_numbers`), and at least LEAST_SHARED_WORDS of the
    content words and of those not in the question: a quote that only repeats the question supports no
    answer. Words cannot be compared between Korean and English: there the quotes must contain one of the
    statement's numbers or names, as written or transliterated to Hangul. With quotes, a statement without
    content words counts as supported.
    """
    if not quotes or unsupported_numbers(statement, quotes):
        return False
    evidence = " ".join(quotes)
    if is_korean(statement) != is_korean(evidence):
        return _shares_number(statement, evidence) or _shares_name(statement, evidence)
    terms = {word for word in words(statement) if not word.isdigit()}  # numbers are checked above
    quoted = set(chain.from_iterable(words(quote) for quote in quotes))
    # The evidence may split a name into other morphemes.
    held = {word for word in terms if word in quoted or (len(word) > 1 and word in evidence.lower())}
    new = terms.difference(words(question)) if question else terms
    return len(held) >= LEAST_SHARED_WORDS * len(terms) and len(held & new) >= LEAST_SHARED_WORDS * len(new)


def citation_recall(statements: Sequence[CitedStatement], words: Words, question: str = "") -> float:
    """Return the share of statements supported by the quotes they cite, 0 without statements.

    ALCE's citation recall (Gao et al. 2023), with `is_supported` in place of its entailment model.
    """
    supported = sum(is_supported(one.text, one.quotes, words, question) for one in statements)
    return supported / max(1, len(statements))


def citation_precision(statements: Sequence[CitedStatement], words: Words, question: str = "") -> float:
    """Return the share of citations that a supported statement needs, 0 without citations.

    ALCE's citation precision (Gao et al. 2023): a citation counts if its statement is supported by all of
    its citations together and the citation is not irrelevant. It is irrelevant if it does not support the
    statement alone and the others still do without it.
    """
    n_citations = sum(len(statement.quotes) for statement in statements)
    n_needed = sum(_n_needed(statement, words, question) for statement in statements)
    return n_needed / max(1, n_citations)


def n_uncited(statements: Iterable[CitedStatement]) -> int:
    """Return the number of statements that cite nothing."""
    return sum(not statement.quotes for statement in statements)


def n_unsupported_numbers(statements: Iterable[CitedStatement]) -> int:
    """Return how many numbers in the statements occur in none of their quotes."""
    return sum(len(unsupported_numbers(statement.text, statement.quotes)) for statement in statements)


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
    return bool(set(number_values(statement)) & set(number_values(evidence)))


def _shares_name(statement: str, evidence: str) -> bool:
    """Return whether a name on one side occurs on the other, as written or transliterated to Hangul."""
    return any(
        any(name in other for name in _HANGUL_WORD.findall(one))
        or any(_is_named(name, other) for name in _LATIN_NAME.findall(one))
        for one, other in ((statement, evidence), (evidence, statement))
    )


def _is_named(name: str, text: str) -> bool:
    # A Hangul word may end in a particle: any prefix of it may be the name.
    return re.search(rf"(?i)\b{name}\b", text) is not None or any(
        spells(word[:n], name) for word in _HANGUL_WORD.findall(text) for n in range(2, len(word) + 1)
    )
