"""Grounded statements put together: the answer with its markers, its citations, and how it stands on them.

Quotes are cut from the given sentences, never taken from the model. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.ground import Statement
from service.markers import with_markers
from service.types import Citation, Grounding, Sentence


@dataclass(frozen=True, slots=True)
class Grounded:
    """An answer's text with markers, its citations in marker order, and how it stands on them.

    markers: of each statement, in order.
    """

    text: str
    citations: tuple[Citation, ...]
    grounding: Grounding
    markers: tuple[tuple[int, ...], ...] = ()


def assemble(statements: Sequence[Statement], sentences: Sequence[Sentence]) -> Grounded:
    """The answer made of these statements: markers numbered from 1 as they come, quotes from the store."""
    numbers: dict[int, int] = {}
    for statement in statements:
        for position in statement.backing:
            numbers.setdefault(position, len(numbers) + 1)
    markers = tuple(tuple(numbers[i] for i in statement.backing) for statement in statements)
    parts = [with_markers(statement.text, own) for statement, own in zip(statements, markers, strict=True)]
    citations = tuple(_cite(marker, sentences[position]) for position, marker in numbers.items())
    grounding = Grounding(
        sentences=len(statements),
        supported_sentences=sum(statement.supported for statement in statements),
        unsupported_numbers=tuple(q.text for statement in statements for q in statement.unsupported),
        repaired=any(statement.repaired for statement in statements),
        invented_markers=sum(statement.invented_markers for statement in statements),
    )
    return Grounded(" ".join(parts), citations, grounding, markers)


def _cite(marker: int, sentence: Sentence) -> Citation:
    hit = sentence.hit
    return Citation(
        marker=marker,
        document_id=hit.document_id,
        title=hit.title,
        source=hit.source,
        passage_id=hit.passage_id,
        start=sentence.span.start,
        end=sentence.span.end,
        quote=sentence.text,
        page=hit.page,
    )
