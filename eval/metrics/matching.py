"""When a piece of a document counts as evidence: gold places, and the groups of them a span holds. Pure.

Gold is a document and a span, never a chunk, so that runs with other passage sizes can be compared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.types import QuotedSpan, TextSpan
from index.types import Span


@dataclass(frozen=True, slots=True)
class GoldPlace:
    """Where evidence stands. document: source; span: None for the whole document."""

    document: str
    span: Span | None = None


GoldGroups = Sequence[Sequence[GoldPlace]]  # alternatives of each group; evidence is one place of every group


def matches(found: Span, gold: Span) -> bool:
    """Whether the two share at least half of the shorter one. An empty span matches nothing.

    Relative to the shorter, so that neither a short quote in a long passage nor a sentence out of a long
    gold span is missed.
    """
    shorter = min(len(found), len(gold))
    shared = min(found.end, gold.end) - max(found.start, gold.start)
    return shorter > 0 and 2 * shared >= shorter


def groups_held(found: TextSpan | QuotedSpan, groups: GoldGroups) -> frozenset[int]:
    """Positions of the groups that have an alternative in this span."""
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
    """Positions of the groups that have an alternative in one of the spans."""
    return frozenset[int]().union(*(groups_held(span, groups) for span in found))


def document_groups(groups: GoldGroups, documents: Sequence[str] = ()) -> list[frozenset[str]]:
    """The groups as sets of documents, any of which will do.

    documents: those that each hold the answer, for a question without gold spans: they are one group.
    """
    if groups:
        return [frozenset(place.document for place in places) for places in groups]
    return [frozenset(documents)] if documents else []
