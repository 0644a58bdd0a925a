"""Turn one question of a run into a prediction, asked as users' questions are, within a time limit."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from eval.runs.request import RunRequest
from eval.types import Prediction, Question, QuotedSpan, TextSpan

if TYPE_CHECKING:
    from index.types import Hit
    from service.answering.listener import Listener
    from service.answering.types import Answer, Turn
    from service.inyong import Inyong

RETRIEVED = 10  # passages of a retrieval-only run, the deepest cut-off of the metrics


def predict(inyong: "Inyong", question: Question, request: RunRequest) -> Prediction:
    """Return the question's prediction: an answer, passages only, or the error in their place."""
    watch = _Watch(request.timeout_s)
    try:
        prediction = search_alone(inyong, question, request) if request.retrieval_only else None
        prediction = prediction or _ask(inyong, question, request, watch)
        watch.check()
    except Exception as error:  # any error: the question scores 0 and the run continues
        return Prediction(
            question.id,
            error=_describe(error),
            passages=tuple(map(_span_of, watch.hits)),
            timings_ms={"total": watch.elapsed_ms()},
            peak_memory_mb=_peak_memory_mb(),
        )
    return prediction


class _TimedOut(Exception):
    """A question that exceeded its time limit."""


class _Watch:
    """A recorder of one question's passages, which aborts the answer after the time limit."""

    def __init__(self, timeout_s: float | None) -> None:
        self.hits: Sequence[Hit] = ()
        self._timeout_s = timeout_s
        self._began = time.perf_counter()

    def elapsed_ms(self) -> float:
        return round((time.perf_counter() - self._began) * 1000, 3)

    def check(self) -> None:
        """Raise _TimedOut after the time limit."""
        if self._timeout_s is not None and self.elapsed_ms() > self._timeout_s * 1000:
            raise _TimedOut(f"no answer within {self._timeout_s:g} s")

    def listener(self) -> "Listener":
        from service.answering.listener import Listener

        return Listener(on_passages=self._take_passages, on_progress=self.check)

    def _take_passages(self, hits: "Sequence[Hit]") -> None:
        self.hits = hits
        self.check()


def _ask(inyong: "Inyong", question: Question, request: RunRequest, watch: _Watch) -> Prediction:
    answer = inyong.ask(
        question.question,
        collections=request.collections,
        history=_history(question),
        listener=watch.listener(),
    )
    return _from_answer(question.id, answer, watch.hits)


def search_alone(inyong: "Inyong", question: Question, request: RunRequest) -> Prediction:
    """Return a prediction with passages only, retrieved with the query that an answer would use."""
    from service.answering.followups import make_standalone

    began = time.perf_counter()
    hits = inyong.search(
        make_standalone(question.question, _history(question), None)[0].text,
        k=max(RETRIEVED, inyong.settings.k),
        collections=request.collections,
    )
    took_ms = round((time.perf_counter() - began) * 1000, 3)
    return Prediction(
        question.id,
        passages=tuple(map(_span_of, hits)),
        timings_ms={"search": took_ms, "total": took_ms},
        peak_memory_mb=_peak_memory_mb(),
    )


def _from_answer(question_id: str, answer: "Answer", hits: "Sequence[Hit]") -> Prediction:
    return Prediction(
        id=question_id,
        answer=answer.answer,
        language=answer.language,
        abstained=answer.abstained,
        abstain_reason=answer.abstain_reason,
        confidence=answer.confidence,
        passages=tuple(map(_span_of, hits)),
        sentences=tuple(TextSpan(cited.source, cited.start, cited.end) for cited in answer.citations),
        citations=tuple(
            QuotedSpan(cited.marker, cited.source, cited.start, cited.end, cited.quote)
            for cited in answer.citations
        ),
        unsupported_numbers=answer.verification.unsupported_numbers if answer.verification else (),
        phrased=answer.verification.text if answer.verification else None,
        repaired=answer.quoted and answer.verification is not None,
        timings_ms={stage: round(ms, 3) for stage, ms in asdict(answer.timings).items()},
        tokens={
            "prompt": answer.usage.prompt_tokens,
            "cached_prompt": answer.usage.cached_prompt_tokens,
            "completion": answer.usage.completion_tokens,
        },
        peak_memory_mb=_peak_memory_mb(),
    )


def _span_of(hit: "Hit") -> TextSpan:
    return TextSpan(hit.source, hit.span.start, hit.span.end, round(hit.score, 6))


def _history(question: Question) -> "list[Turn]":
    from service.answering.types import Turn

    return [Turn(role, content) for role, content in question.history]


def _describe(error: Exception) -> str:
    """Return the error on one line, with its type if it was unexpected."""
    from index.errors import IndexingError
    from service.errors import AnsweringError

    message = " ".join(str(error).split())
    is_expected = isinstance(error, AnsweringError | IndexingError | _TimedOut)
    return message if is_expected and message else f"{type(error).__name__}: {message}"


def _peak_memory_mb() -> float:
    from eval.bench.figures import peak_memory_mb

    return round(peak_memory_mb(), 1)
