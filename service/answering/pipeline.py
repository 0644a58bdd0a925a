"""One question to one cited answer: the stages, in order.

The command line, the evaluation and every service enter here, so what is measured is what users get.
"""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from index.formats.normalise import normalise
from index.reader.rerank import read_hits
from index.reader.types import Reader
from index.search.searcher import Searcher
from index.types import Hit
from prompts.render import load_template
from service.answering.evidence import cite, select_evidence
from service.answering.followups import leans_on_history, make_standalone
from service.answering.language import answer_language
from service.answering.listener import Listener
from service.answering.phrasing import add_markers, phrase_answer, quote_answer
from service.answering.types import (
    Answer,
    Evidence,
    Mismatch,
    Models,
    Request,
    StandaloneQuestion,
    Timings,
    Usage,
    Verification,
)
from service.answering.verification import Verifier
from service.errors import AnswerTimeout, BadQuestion, GenerationFailed
from service.language_models.types import Generation, Generator

MAX_QUESTION_CHARS = 4000
REFUSALS = {"ko": "문서에서 확인되지 않습니다.", "en": "Not found in the documents."}
_log = logging.getLogger(__name__)

_NEAREST = 3  # passages shown with a refusal
_VERDICT = 0.5  # probability from which up a question is answered by the quotes alone


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything an answer needs, built once by `wiring`. generator: None where phrasing is switched off."""

    searcher: Searcher
    reader: Reader
    verifier: Verifier
    generator: Generator | None
    k: int = 10
    answer_tokens: int = 120


def answer_question(request: Request, parts: Parts, listener: Listener | None = None) -> Answer:
    """Answer a question with citations, or abstain with a reason.

    Raises BadQuestion for a question that cannot be asked. A language model that fails or takes too long
    costs the phrasing alone: the quotes are the answer then.
    """
    if request.language not in (None, *REFUSALS):
        raise BadQuestion(f"the language {request.language!r} is none of {', '.join(REFUSALS)}")
    run = _Run(request, parts, listener or Listener())
    question = run.make_standalone(check_question(request.question))
    hits = run.search(question)
    evidence = run.read(question, hits)
    verification = run.phrase(question, evidence) if evidence.sufficient else None
    return run.answer(question, hits, evidence, verification)


def check_question(question: str) -> str:
    """Return the question trimmed. Raises BadQuestion when it is empty, too long or has no word character."""
    question = normalise(question).strip()
    if not question:
        raise BadQuestion("the question is empty; type what you want to know")
    if len(question) > MAX_QUESTION_CHARS:
        raise BadQuestion(
            f"the question has {len(question):,} characters, more than {MAX_QUESTION_CHARS:,}; ask it more "
            "briefly, and index long text as a document"
        )
    if not re.search(r"\w", question):
        raise BadQuestion(
            f"the question {question[:20]!r} has no letter or digit; type what you want to know"
        )
    return question


@dataclass(slots=True)
class _Run:
    """The stages of one request, with the time and the tokens each took."""

    request: Request
    parts: Parts
    listener: Listener
    _began: float = field(default_factory=time.perf_counter)
    _laps: dict[str, float] = field(default_factory=dict)
    _generations: list[tuple[Generation, float]] = field(default_factory=list)  # with milliseconds
    _has_turn: bool = False

    @property
    def language(self) -> str:
        """The answer's language."""
        return answer_language(self.request.question, self.request.language)

    def make_standalone(self, question: str) -> StandaloneQuestion:
        if not leans_on_history(question, self.request.history):
            return StandaloneQuestion(question)
        self._await_turn()
        with self._timed("rewrite"):
            standalone, generation = make_standalone(
                question, self.request.history, self.parts.generator, self.listener.on_progress
            )
        if generation:
            self._generations.append((generation, self._laps["rewrite"]))
        return standalone

    def search(self, question: StandaloneQuestion) -> list[Hit]:
        with self._timed("search"):
            hits = self.parts.searcher.search(
                question.text, self.request.k or self.parts.k, self.request.scope
            )
        self.listener.on_passages(hits)
        self.listener.on_progress()
        return hits

    def read(self, question: StandaloneQuestion, hits: Sequence[Hit]) -> Evidence:
        with self._timed("select"):
            read = read_hits(self.parts.reader, question.text, hits)
            reader = self.parts.reader
            evidence = select_evidence(read, reader.calibration, calibrated=reader.calibrated)
        self.listener.on_progress()
        if evidence.sufficient:
            for citation in cite(evidence):
                self.listener.on_citation(citation)
            self._laps["first_quote"] = self._elapsed()
        return evidence

    def phrase(self, question: StandaloneQuestion, evidence: Evidence) -> Verification | None:
        """Have the language model phrase the answer and verify it; None where the quotes answer."""
        generator = self.parts.generator
        if generator is None or evidence.verdict > _VERDICT:
            return None  # a yes turned around is worse than a quote
        try:
            self._await_turn()
            before = self._elapsed()
            with self._timed("generate"):
                written = phrase_answer(
                    question.text,
                    evidence,
                    self.language,
                    generator,
                    self.parts.answer_tokens,
                    self.listener.on_progress,
                )
        except (GenerationFailed, AnswerTimeout) as error:
            _log.warning("the language model failed, the quotes are the answer: %s", error)
            return Verification("", (Mismatch.FAILED,))
        self._generations.append((written, self._laps["generate"]))
        self._laps["first_token"] = before + written.first_token_ms
        with self._timed("ground"):
            verification = self.parts.verifier.verify(written.text, question.text, evidence, self.language)
        if written.finished:
            return verification
        return replace(verification, mismatches=(*verification.mismatches, Mismatch.INCOMPLETE))

    def answer(
        self,
        question: StandaloneQuestion,
        hits: Sequence[Hit],
        evidence: Evidence,
        verification: Verification | None,
    ) -> Answer:
        """Return the phrased answer, the quotes, or the refusal with the nearest passages."""
        if not evidence.sufficient:
            text = REFUSALS[self.language]
        elif verification is not None and verification.accepted:
            text = add_markers(verification.text, evidence, self.language)
        else:
            text = quote_answer(evidence.quotes, self.language)
        return Answer(
            id=self.request.id,
            question=self.request.question,
            answer=text,
            language=self.language,
            abstained=not evidence.sufficient,
            abstain_reason=None if evidence.sufficient else "no_evidence",
            citations=cite(evidence) if evidence.sufficient else (),
            passages=tuple(hits if evidence.sufficient else hits[:_NEAREST]),
            models=self._models(),
            verification=verification,
            quoted=evidence.sufficient and not (verification and verification.accepted),
            usage=self._usage(),
            timings=Timings(**self._laps, total=self._elapsed()),
            confidence=evidence.probability,
            uncertain=evidence.sufficient and (not evidence.trusted or question.guessed),
        )

    def _await_turn(self) -> None:
        """Wait for the language model, once."""
        if not self._has_turn and self.parts.generator is not None:
            with self._timed("wait"):
                self.listener.await_turn()
            self._has_turn = True

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._laps[stage] = self._laps.get(stage, 0.0) + (time.perf_counter() - began) * 1000

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._began) * 1000

    def _models(self) -> Models:
        generator = self.parts.generator
        return Models(
            llm=generator.name if generator else "",
            embedding=self.parts.searcher.embedder.name,
            reader=self.parts.reader.name,
            prompt=load_template("phrase", self.language).label if generator else "",
        )

    def _usage(self) -> Usage:
        written = sum(max(0, g.completion_tokens - 1) for g, _ in self._generations)
        writing_ms = sum(max(0.0, ms - g.first_token_ms) for g, ms in self._generations)
        return Usage(
            prompt_tokens=sum(g.prompt_tokens for g, _ in self._generations),
            cached_prompt_tokens=sum(g.cached_prompt_tokens for g, _ in self._generations),
            completion_tokens=sum(g.completion_tokens for g, _ in self._generations),
            tokens_per_second=written * 1000 / writing_ms if writing_ms else 0.0,
        )
