"""One question of a run to its prediction: asked as users' questions are, within its time."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from eval.request import RunRequest
from eval.types import Prediction, Question, QuotedSpan, TextSpan

if TYPE_CHECKING:
    from index.types import Hit
    from service.inyong import Inyong
    from service.listener import Listener
    from service.types import Answer, Turn

RETRIEVED = 10  # passages of a run without answers, as deep as the metrics look


def predict(inyong: "Inyong", question: Question, request: RunRequest) -> Prediction:
    """What the question gets: an answer, or passages only, or the error in their place."""
    watch = _Watch(request.timeout_s)
    try:
        prediction = search_alone(inyong, question, request) if request.retrieval_only else None
        prediction = prediction or _ask(inyong, question, request, watch)
        watch.check()
    except Exception as error:  # whatever it was, the question scores 0 and the run goes on
        return Prediction(
            question.id,
            error=_in_words(error),
            passages=tuple(map(_span_of, watch.hits)),
            timings_ms={"total": watch.elapsed_ms()},
            peak_memory_mb=_peak_memory_mb(),
        )
    return prediction


class _TimedOut(Exception):
    """The question took longer than it may."""


class _Watch:
    """Sees the passages of one question go by, and ends the answer when it takes too long."""

    def __init__(self, timeout_s: float | None) -> None:
        self.hits: Sequence[Hit] = ()
        self._timeout_s = timeout_s
        self._began = time.perf_counter()

    def elapsed_ms(self) -> float:
        return round((time.perf_counter() - self._began) * 1000, 3)

    def check(self) -> None:
        """Raises _TimedOut when time is up."""
        if self._timeout_s is not None and self.elapsed_ms() > self._timeout_s * 1000:
            raise _TimedOut(f"no answer within {self._timeout_s:g} s")

    def listener(self) -> "Listener":
        from service.listener import Listener

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
    """The passages alone, of the words that an answer would search with."""
    from service.following import standing_alone

    began = time.perf_counter()
    hits = inyong.search(
        standing_alone(question.question, _history(question)),
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
        sentences=tuple(
            TextSpan(s.hit.source, s.span.start, s.span.end, round(s.score, 6)) for s in answer.sentences
        ),
        citations=tuple(
            QuotedSpan(cited.marker, cited.source, cited.start, cited.end, cited.quote)
            for cited in answer.citations
        ),
        unsupported_numbers=answer.grounding.unsupported_numbers,
        repaired=answer.grounding.repaired,
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
    from service.types import Turn

    return [Turn(role, content) for role, content in question.history]


def _in_words(error: Exception) -> str:
    """One line; the type too, where the error is not one that was foreseen."""
    from index.errors import IndexingError
    from service.errors import AnsweringError

    said = " ".join(str(error).split())
    foreseen = isinstance(error, AnsweringError | IndexingError | _TimedOut)
    return said if foreseen and said else f"{type(error).__name__}: {said}"


def _peak_memory_mb() -> float:
    from eval.bench.figures import peak_memory_mb

    return round(peak_memory_mb(), 1)
