"""One question to one cited answer: search, choose sentences, prompt, generate, ground.

The command line, the evaluation and every service enter here, so what is measured is what users get.
Nothing leaves this module before each statement is checked and the answer as a whole is weighed.
"""

import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from index.search import Searcher, SearchScope
from index.types import Hit, Span
from prompts.render import load_template
from service.answer_type import fit
from service.errors import BadQuestion
from service.following import leans
from service.generate import Generator
from service.language import answer_language
from service.listener import Listener
from service.reading import Reading, nearest_of, read_sentences
from service.relevance import Relevance
from service.rewriting import Rewritten, rewrite
from service.select import choose_sentences
from service.types import Answer, Citation, Grounding, Models, Timings, Turn, Usage
from service.writing import Task, Written, write_answer

MAX_QUESTION_CHARS = 4000
REFUSALS = {"ko": "문서에서 확인되지 않습니다.", "en": "Not found in the documents."}
_LISTED = 10  # passages that a listener is told of; the first `k` may be read
_NEAREST = 3  # passages shown with a refusal


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything an answer needs, built once by `wiring`."""

    searcher: Searcher
    generator: Generator
    k: int = 6
    sentence_tokens: int = 300
    answer_tokens: int = 220


@dataclass(frozen=True, slots=True)
class Request:
    """One question and how it is to be answered. language: "ko", "en" or None for the question's own.

    k: passages that may be read, None for what the settings say. id: that of the answer to come.
    """

    question: str
    scope: SearchScope = field(default_factory=SearchScope)
    language: str | None = None
    history: Sequence[Turn] = ()
    k: int | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


def answer_question(request: Request, parts: Parts, listener: Listener | None = None) -> Answer:
    """The answer to a question, with its citations, or the reason why there is none.

    Raises BadQuestion for a question that cannot be asked and GenerationFailed when the model fails.
    """
    listener = listener or Listener()
    question = checked_question(request.question)
    language = answer_language(question, request.language)
    clock = _Clock()

    rewritten, leaning = Rewritten(question), leans(question, request.history)
    if leaning:
        listener.await_turn()
        rewritten = rewrite(question, request.history, parts.generator, listener.on_progress)
        clock.lap("rewrite")
    asked = rewritten.question
    k = request.k or parts.k
    found = parts.searcher.search(asked, max(k, _LISTED), request.scope)
    hits = found[:k]
    listener.on_passages(found)
    clock.lap("search")
    sentences = choose_sentences(
        hits,
        parts.generator.count_tokens,
        token_budget=parts.sentence_tokens,
        fit=partial(fit, asked),
    )
    reading = read_sentences(
        sentences,
        asked,
        language,
        read_text=lambda document, start, end: parts.searcher.catalog.read_text(document, Span(start, end)),
        find_passage=parts.searcher.hit_at,
    )
    clock.lap("select")

    written = None
    if sentences:
        task = Task(
            question=asked,
            language=language,
            reading=reading,
            nearest=nearest_of(reading, asked, parts.generator.count_tokens),
            relevance=Relevance(asked, parts.searcher, request.scope),
            refusal=REFUSALS[language],
        )
        if not leaning:
            listener.await_turn()
        began = clock.total()
        written = write_answer(task, parts.generator, parts.answer_tokens, listener)
        clock.laps["first_token"] = began + written.generations[0].first_token_ms
        clock.lap("generate")
    return _conclude(request, language, hits, reading, written, parts, clock, is_guessed=rewritten.is_guessed)


def checked_question(question: str) -> str:
    """The question, trimmed. Raises BadQuestion when it is empty, too long or without a letter or digit."""
    question = question.encode("utf-8", "replace").decode().strip()  # half a character cannot be searched
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


def _conclude(
    request: Request,
    language: str,
    hits: Sequence[Hit],
    reading: Reading,
    written: Written | None,
    parts: Parts,
    clock: "_Clock",
    *,
    is_guessed: bool,
) -> Answer:
    reason: str | None = "no_evidence"
    text, grounding, confidence = REFUSALS[language], Grounding(), 0.0
    uncertain = False
    citations: tuple[Citation, ...] = ()
    usage = Usage()
    if written:
        draft = written.draft
        grounding = draft.grounding()
        usage = Usage(
            prompt_tokens=written.generations[0].prompt_tokens,
            cached_prompt_tokens=written.generations[0].cached_prompt_tokens,
            completion_tokens=sum(generation.completion_tokens for generation in written.generations),
        )
        reason = "unsupported" if draft.withheld else "no_evidence"
        if draft.kept:
            reason = None
            grounded = draft.grounded()
            text, citations = grounded.text, grounded.citations
            confidence = draft.confidence
            uncertain = draft.is_uncertain or is_guessed
    clock.lap("ground")
    return Answer(
        id=request.id,
        question=request.question,
        answer=text,
        language=language,
        abstained=reason is not None,
        abstain_reason=reason,
        citations=citations,
        passages=tuple(hits[:_NEAREST] if reason else hits),
        models=Models(
            llm=parts.generator.name,
            embedding=parts.searcher.embedder.name,
            prompt=load_template("answer", language).label,
        ),
        grounding=grounding,
        usage=usage,
        timings=clock.timings(),
        sentences=reading.evidence,
        confidence=confidence,
        uncertain=uncertain,
    )


class _Clock:
    """Milliseconds since the question came, in laps."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = (now - self._last) * 1000
        self._last = now

    def total(self) -> float:
        return (time.perf_counter() - self._began) * 1000

    def timings(self) -> Timings:
        return Timings(**self.laps, total=self.total())
