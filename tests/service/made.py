"""Hits and sentences made by hand, for tests of what happens after the search."""

from index.types import Hit, SentenceHit, Span
from service.types import Sentence


def make_hit(
    *texts: str,
    passage_id: int = 1,
    document_id: str = "d1",
    scores: tuple[float, ...] = (),
    score: float = 1.0,
    start: int = 0,
) -> Hit:
    """A passage of these sentences, one space apart. scores: of each sentence, 0.5 where left out."""
    spans, at = [], start
    for text in texts:
        spans.append(Span(at, at + len(text)))
        at += len(text) + 1
    given = [*scores, *[0.5] * (len(texts) - len(scores))]
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
        sentences=tuple(
            SentenceHit(span, text, value, value)
            for span, text, value in zip(spans, texts, given, strict=True)
        ),
    )


def make_sentences(*texts: str) -> list[Sentence]:
    """The sentences of one passage, as the prompt numbers them."""
    hit = make_hit(*texts)
    return [Sentence(hit, sentence.span, sentence.text, 1.0) for sentence in hit.sentences]
