"""Read passages and evidence made from plain sentences."""

from collections.abc import Sequence

from index.reader.calibration import Calibration, PassageCalibration
from index.reader.rerank import ReadHit
from index.reader.types import AnswerSpan, Reading, SentenceScore
from index.types import Hit, Span
from service.answering.types import Evidence, Quote

# From 0.55 up there is an answer, from 0.9 up it need not be checked.
CALIBRATION = Calibration(PassageCalibration(), (1.0, 0.0), (1.0, 0.0), abstain=0.55, check=0.9)


def make_hit(sentences: Sequence[str], document: str = "d", passage: int = 1, title: str = "") -> Hit:
    """Return a passage of these sentences, one a line, that begins its document."""
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    text = "\n".join(sentences)
    return Hit(
        passage_id=passage,
        document_id=document,
        collection="default",
        title=title or document,
        source=f"{document}.txt",
        heading="",
        date="",
        page=None,
        span=Span(0, len(text)),
        text=text,
        score=0.0,
        dense_score=0.0,
        lexical_score=0.0,
        sentences=tuple(spans),
    )


def make_read(
    hit: Hit, probabilities: Sequence[float], *, passage: float = 1.0, score: float = 5.0, answer: str = ""
) -> ReadHit:
    """Return the hit as read. answer: the words that answer, wherever they occur."""
    answers = [
        AnswerSpan(Span(at, at + len(answer)), index, p)
        for index, (s, p) in enumerate(zip(hit.sentences, probabilities, strict=True))
        if answer and (at := hit.text.find(answer, s.start, s.end)) >= 0
    ]
    scores = tuple(SentenceScore(s, p) for s, p in zip(hit.sentences, probabilities, strict=True))
    return ReadHit(hit, Reading(score, passage, scores, tuple(answers)))


def make_evidence(*sentences: str, answer: str = "", title: str = "") -> Evidence:
    """Return evidence of one document, the first sentence the likeliest."""
    hit = make_hit(sentences, title=title)
    quotes = []
    for number, sentence in enumerate(hit.sentences):
        text = sentence.of(hit.text)
        at = text.find(answer) if answer else -1
        start = sentence.start + at
        span = Span(start, start + len(answer)) if at >= 0 else None
        quotes.append(Quote(hit, sentence, text, 0.9 - number / 10, span))
    return Evidence(tuple(quotes), 0.95, sufficient=True, trusted=True)
