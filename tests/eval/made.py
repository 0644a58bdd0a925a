"""Runs made by hand for what is built on them: questions, predictions and scores in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.runs.files import Run
from eval.runs.scoring import score_prediction
from eval.types import GoldSpan, Prediction, Question, QuotedSpan, TextSpan

MANIFEST: dict[str, Any] = {
    "documents_sha256": "d0c5",
    "settings": {"k": 6, "llm": "small"},
}
N_DOCUMENTS = 20


def text(number: int) -> str:
    return f"{number}번 사업의 예산은 {number}00억 원이다."


def words(text: str) -> list[str]:
    return text.replace(".", " ").split()


TEXTS = {f"d{i}.txt": text(i) for i in range(N_DOCUMENTS)}


def answerable(number: int, *, tags: tuple[str, ...] = ()) -> Question:
    """A question about a document of its own."""
    return Question(
        id=f"q{number}",
        question=f"{number}번 사업의 예산은?",
        answerable=True,
        expected=((f"{number}00억",),),
        answers=(f"{number}00억 원",),
        gold=((GoldSpan(f"d{number}.txt", text(number)),),),
        lang="ko" if number % 2 else "en",
        tags=tags,
    )


def unanswerable(number: int) -> Question:
    return Question(id=f"x{number}", question=f"{number}번 사업의 담당자는?", answerable=False, lang="ko")


def right(question: Question, confidence: float = 0.9) -> Prediction:
    """A right, cited answer to an answerable question, silence to another."""
    if not question.answerable:
        return withheld(question)
    (group,) = question.gold
    document, quote = group[0].document, group[0].quote or ""
    span = TextSpan(document, 0, len(quote))
    return Prediction(
        question.id,
        answer=f"{quote[:-1]} [1].",
        confidence=confidence,
        passages=(span,),
        sentences=(span,),
        citations=(QuotedSpan(1, document, 0, len(quote), quote),),
        timings_ms={
            "search": 10.0,
            "select": 10.0,
            "first_token": 520.0,
            "generate": 1000.0,
            "total": 1100.0,
        },
        tokens={"prompt": 110, "cached_prompt": 10, "completion": 26},
        peak_memory_mb=1500.0,
    )


def wrong(question: Question, confidence: float = 0.4) -> Prediction:
    """An answer that says nothing of what was asked and cites nothing."""
    return Prediction(question.id, answer="모릅니다.", confidence=confidence)


def withheld(question: Question) -> Prediction:
    return Prediction(
        question.id, answer="문서에서 확인되지 않습니다.", abstained=True, abstain_reason="no_evidence"
    )


def failed(question: Question) -> Prediction:
    return Prediction(question.id, error="the model took too long")


def run_of(
    name: str,
    questions: Sequence[Question],
    predictions: Sequence[Prediction],
    manifest: Mapping[str, Any] = MANIFEST,
) -> Run:
    """A scored run with these predictions."""
    by_id = {prediction.id: prediction for prediction in predictions}
    scores = {
        question.id: score_prediction(question, by_id[question.id], TEXTS, words)
        for question in questions
        if question.id in by_id
    }
    return Run(Path(name), manifest, questions, by_id, scores)
