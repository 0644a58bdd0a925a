"""When a span counts as evidence: gold places, and the gold groups that a span matches. Pure.

Gold is a document and a span, never a chunk, so that runs with different passage sizes can be compared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.types import QuotedSpan, TextSpan
from index.types import Span


@dataclass(frozen=True, slots=True)
class GoldPlace:
    """A location of evidence. document: source; span: None for the whole document."""

    document: str
    span: Span | None = None


GoldGroups = Sequence[Sequence[GoldPlace]]  # alternatives per group; full evidence has a place of every group


def matches(found: Span, gold: Span) -> bool:
    """Return whether the spans overlap by at least half of the shorter one. An empty span matches nothing.

    Relative to the shorter, so that neither a short quote in a long passage nor a sentence from a long gold
    span is missed.
    """
    shorter = min(len(found), len(gold))
    shared = min(found.end, gold.end) - max(found.start, gold.start)
    return shorter > 0 and 2 * shared >= shorter


def groups_held(found: TextSpan | QuotedSpan, groups: GoldGroups) -> frozenset[int]:
    """Return the positions of the groups with an alternative that this span matches."""
    span = Span(found.start, found.end)
    return frozenset(
        position
        for position, places in enumerate(groups)
        if any(
            place.document == found.document and (place.span is None or matches(span, place.span))
            for place in places
        )
    )


def groups_held_by_any(found: Iterable[TextSpan | QuotedSpan], groups: GoldGroups) -> frozenset[int]:
    """Return the positions of the groups with an alternative that any of the spans matches."""
    return frozenset[int]().union(*(groups_held(span, groups) for span in found))


def document_groups(groups: GoldGroups, documents: Sequence[str] = ()) -> list[frozenset[str]]:
    """Return the groups as sets of alternative documents.

    documents: those that each contain the answer; one group, used for a question without gold spans.
    """
    if groups:
        return [frozenset(place.document for place in places) for places in groups]
    return [frozenset(documents)] if documents else []
