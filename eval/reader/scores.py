"""Scores of a reader on example documents, each document read whole in passages as search would cut them."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.reader.examples import ExampleDocument, Question
from index.chunking.passages import PassageSize, text_weight
from index.reader.trained import TrainedReader
from index.reader.types import ReaderPassage, Reading
from index.types import Span


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """What a reader made of one question over its whole document.

    ranks: for each needed sentence its place among all, from 1. answerable: the best passage's log-odds.
    span_f1: KorQuAD's character F1 of the best sentence's span, against the nearest annotated one.
    """

    question: Question
    ranks: tuple[int, ...]
    answerable: float
    best_sentence: float
    span_f1: float


@dataclass(frozen=True, slots=True)
class DocumentScores:
    """Means over the questions of a split; shares in [0, 1]."""

    n: int
    top1_ko: float
    top1_en: float
    within3: float
    span_f1: float
    auc: float
    refused_at_5: float
    refused_at_10: float

    @property
    def selection(self) -> float:
        """The figure that decides which weights are stored; what a split cannot tell counts nothing."""
        halves = (self.top1_ko, self.top1_en, self.within3, self.span_f1)
        return sum(v / 2 for v in (*halves, 2 * self.auc) if not math.isnan(v))

    def as_dict(self) -> dict[str, Any]:
        """Return the values for JSON."""
        return asdict(self)

    def line(self) -> str:
        """Return one line for a log."""
        return " ".join(
            f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in asdict(self).items()
        )


def document_passages(document: ExampleDocument, size: PassageSize | None = None) -> list[ReaderPassage]:
    """Return the passages that indexing would make of the document's sentences, one a line."""
    text = "\n".join(document.sentences)
    sentences, at = [], 0
    for sentence in document.sentences:
        sentences.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    groups = _groups(document.sentences, size or PassageSize())
    return [
        ReaderPassage(
            document.title,
            "",
            text[sentences[first].start : sentences[end - 1].end],
            sentences[first].start,
            tuple(sentences[first:end]),
        )
        for first, end in groups
    ]


def score_documents(reader: TrainedReader, documents: Sequence[ExampleDocument]) -> DocumentScores:
    """Score every question of the documents and summarise."""
    return summarise(score_questions(reader, documents))


def score_questions(reader: TrainedReader, documents: Sequence[ExampleDocument]) -> list[QuestionScore]:
    """Read every question over all passages of its document."""
    pairs, owners = [], []
    for document in documents:
        passages = document_passages(document)
        for question in document.questions:
            pairs += [(question.with_previous, passage) for passage in passages]
            owners.append((document, question, len(passages)))
    readings = iter(reader.read_pairs(pairs))
    return [
        _score(document, question, [next(readings) for _ in range(n)]) for document, question, n in owners
    ]


def _score(document: ExampleDocument, question: Question, readings: Sequence[Reading]) -> QuestionScore:
    probabilities = [s.probability for r in readings for s in r.sentences]
    spans = [s.span for r in readings for s in r.sentences]
    order = sorted(range(len(probabilities)), key=lambda i: -probabilities[i])
    ranks = tuple(order.index(i) + 1 for i in sorted(question.needed))
    best = order[0]
    f1 = 0.0
    if question.parts:
        text = "\n".join(document.sentences)
        found = next((a.span for r in readings for a in r.answers if _within(a.span, spans[best])), None)
        predicted = found.of(text) if found else ""
        f1 = max(
            character_f1(predicted, document.sentences[p.sentence][p.start : p.end]) for p in question.parts
        )
    return QuestionScore(question, ranks, max(r.score for r in readings), probabilities[best], f1)


def summarise(scores: Sequence[QuestionScore]) -> DocumentScores:
    """Return means over the questions."""
    asked = [s for s in scores if s.question.answerable]
    positives = [s.answerable for s in asked]
    negatives = [s.answerable for s in scores if not s.question.answerable]
    top1 = {
        language: mean([float(min(s.ranks) == 1) for s in asked if s.question.language == language])
        for language in ("ko", "en")
    }
    return DocumentScores(
        len(scores),
        top1["ko"],
        top1["en"],
        mean([float(max(s.ranks) <= max(3, len(s.ranks))) for s in asked]),
        mean([s.span_f1 for s in asked]),
        area_under_curve(positives, negatives),
        refused_at_loss(positives, negatives, 0.05),
        refused_at_loss(positives, negatives, 0.10),
    )


def character_f1(predicted: str, expected: str) -> float:
    """Return the F1 of letters and digits, as KorQuAD 1.0 counts it (Lim et al. 2019)."""
    a, b = _characters(predicted), _characters(expected)
    shared = sum((a & b).values())
    return 2 * shared / (a.total() + b.total()) if shared else float(a.total() == b.total() == 0)


def _characters(text: str) -> Counter[str]:
    return Counter(re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).lower()))


def area_under_curve(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return the chance that a positive scores above a negative, ties half (Mann and Whitney 1947)."""
    if not positives or not negatives:
        return math.nan
    ordered = sorted([(v, 1) for v in positives] + [(v, 0) for v in negatives])
    total, at = 0.0, 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        rank = (at + 1 + end) / 2
        total += rank * sum(kind for _, kind in ordered[at:end])
        at = end
    p, n = len(positives), len(negatives)
    return (total - p * (p + 1) / 2) / (p * n)


def refused_at_loss(positives: Sequence[float], negatives: Sequence[float], loss: float) -> float:
    """Return the share of negatives below the threshold that loses this share of the positives."""
    if not positives or not negatives:
        return math.nan
    threshold = sorted(positives)[int(loss * len(positives))]
    return sum(v < threshold for v in negatives) / len(negatives)


def mean(values: Sequence[float]) -> float:
    """Return the mean, NaN of none."""
    return sum(values) / len(values) if values else math.nan


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _groups(sentences: Sequence[str], size: PassageSize) -> list[tuple[int, int]]:
    """Runs of sentences whose lengths come near the size of a passage."""
    groups, first, length = [], 0, 0
    for index, sentence in enumerate(sentences):
        weight = text_weight(sentence)
        if index > first and length + weight > size.most:
            groups.append((first, index))
            first, length = index, 0
        length += weight
    return [*groups, (first, len(sentences))]
