"""Hits made by hand, for tests of what happens after the search."""

from index.types import Hit, Span


def make_hit(
    *texts: str,
    passage_id: int = 1,
    document_id: str = "d1",
    score: float = 1.0,
    start: int = 0,
) -> Hit:
    """A passage of these sentences, one space apart."""
    spans, at = [], start
    for text in texts:
        spans.append(Span(at, at + len(text)))
        at += len(text) + 1
    return Hit(
        passage_id=passage_id,
        document_id=document_id,
        collection="default",
        title=document_id,
        source=f"{document_id}.md",
        heading="",
        date="",
        page=None,
        span=Span(start, at - 1),
        text=" ".join(texts),
        score=score,
        dense_score=0.5,
        lexical_score=0.5,
        sentences=tuple(spans),
    )
