"""Question sets in the project's format, and KorQuAD, as questions for a reader."""

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from eval.datasets.questions import guess_language, load_questions
from eval.errors import EvaluationError
from eval.metrics.gold import locate
from eval.reader.examples import AnswerPart, ExampleDocument, Question
from eval.reader.whole_store import IsEvidence, StoreQuestion
from eval.types import Question as SetQuestion
from index.chunking.sentences import split_sentences
from index.types import Hit, Span
from service import Inyong


def store_questions(path: Path, inyong: Inyong, k: int, tag: str | None = None) -> list[StoreQuestion]:
    """Return the questions of a set, searched in an indexed store. tag: only those that have it.

    Evidence is a sentence that overlaps a gold span or, in sets without spans, one of an answering document
    that says an expected part.
    """
    found = []
    for question in load_questions(path):
        if tag is None or tag in question.tags:
            hits = tuple(inyong.search(question.question, k=k))
            evidence = (
                _gold_evidence(question, inyong) if question.gold else partial(_says_expected, question)
            )
            found.append(
                StoreQuestion(
                    question.question,
                    question.lang or guess_language(question.question),
                    question.answerable,
                    hits,
                    evidence,
                    question.expected,
                )
            )
    if not found:
        raise EvaluationError(f"{path}: no question has the tag {tag!r}")
    return found


def _gold_evidence(question: SetQuestion, inyong: Inyong) -> IsEvidence:
    places = [
        (stored.id, span)
        for group in question.gold
        for gold in group
        for stored in [inyong.document(gold.document)]
        for span in locate(gold, inyong.text(stored.id))
    ]
    return lambda hit, sentence: any(
        hit.document_id == ident and sentence.start < span.end and span.start < sentence.end
        for ident, span in places
    )


def _says_expected(question: SetQuestion, hit: Hit, sentence: Span) -> bool:
    if question.documents and hit.source not in question.documents:
        return False
    text = _folded(hit.text[sentence.start - hit.span.start : sentence.end - hit.span.start])
    return any(_folded(word) in text for group in question.expected for word in group)


def _folded(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()


def load_korquad(path: Path, exclude: Sequence[str] = ()) -> list[ExampleDocument]:
    """Return paragraphs of a KorQuAD 1.0 file as documents. exclude: titles of articles to leave out."""
    try:
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path}: is no KorQuAD 1.0 file ({error})") from error
    documents = []
    for article in articles:
        if article["title"] in exclude:
            continue
        for number, paragraph in enumerate(article["paragraphs"]):
            spans = split_sentences(paragraph["context"])
            questions = []
            for qa in paragraph["qas"]:
                parts = [_part(spans, a["answer_start"], a["text"]) for a in qa["answers"]]
                if all(parts):
                    questions.append(
                        Question(
                            qa["id"], qa["question"], "", "ko", "other", tuple(p for p in parts if p), ()
                        )
                    )
            sentences = tuple(span.of(paragraph["context"]) for span in spans)
            ident = f"{article['title']}-{number}"
            documents.append(
                ExampleDocument(ident, article["title"], "ko", "encyclopaedia", sentences, tuple(questions))
            )
    return documents


def _part(spans: Sequence[Span], start: int, text: str) -> AnswerPart | None:
    for index, span in enumerate(spans):
        if span.start <= start < span.end:
            return AnswerPart(index, start - span.start, min(len(span), start - span.start + len(text)))
    return None
