"""A question set asked of a store, answer by answer, into a folder that can be gone on with and scored.

Questions go through the same function that users' questions take. Scoring is left to `score`.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from eval.datasets.questions import load_questions, save_questions
from eval.errors import BadQuestionSet, BadRun
from eval.manifest import Asked, describe_run, differing_identity, hash_file
from eval.metrics.answer import matches_expected, says_any
from eval.predictions import (
    DOCUMENTS,
    MANIFEST,
    PREDICTIONS,
    QUESTIONS,
    append_prediction,
    append_text,
    drop_torn_line,
    load_manifest,
    load_predictions,
    load_texts,
    write_json,
)
from eval.types import Prediction, Question, QuotedSpan, TextSpan

if TYPE_CHECKING:
    from index.catalog import StoredDocument
    from index.types import Hit
    from service.inyong import Inyong
    from service.listener import Listener
    from service.types import Answer, Turn

LOCK = ".lock"
RETRIEVED = 10  # passages of a run without answers, as deep as the metrics look


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to ask, and where to put it.

    limit: only the first so many questions. tags: only questions with one of these. collections: searched,
    all when empty. timeout_s: of one question.
    """

    set_path: Path
    folder: Path
    resume: bool = False
    limit: int | None = None
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    retrieval_only: bool = False
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a run has come. judged: questions so far that can be told right or wrong without a metric."""

    done: int
    total: int
    right: int
    judged: int
    errors: int


def run_set(
    inyong: "Inyong", request: RunRequest, report_progress: Callable[[Tally], None] = lambda tally: None
) -> None:
    """Asks every question that has no prediction yet, after one that is not counted.

    Raises BadQuestionSet for a set that cannot be asked of this store, BadRun for a folder that cannot be
    used, and what the store and the models raise before the first question. A question that fails is a
    prediction with its error.
    """
    questions = select_questions(request)
    with _locked(request.folder):
        _check_folder(request)
        catalog = _Documents(inyong, request)
        catalog.require_gold(questions)
        _load(inyong, questions[0], request)
        manifest = describe_run(inyong, _asked(request, questions), catalog.in_scope)
        _begin(request.folder, manifest, questions)
        done = load_predictions(request.folder / PREDICTIONS)
        _ask_all(inyong, request, questions, done, catalog, report_progress)


def select_questions(request: RunRequest) -> list[Question]:
    """The questions of the set that are asked. Raises BadQuestionSet when there is none."""
    questions = load_questions(request.set_path)
    if request.tags:
        questions = [question for question in questions if set(question.tags) & set(request.tags)]
        if not questions:
            raise BadQuestionSet(f"{request.set_path}: no question has the tag {' or '.join(request.tags)}")
    return questions[: request.limit]


def is_right(question: Question, prediction: Prediction) -> bool | None:
    """Whether the answer says what was expected, or was withheld rightly; None where metrics have to tell.

    One that says what is forbidden is not right.
    """
    if prediction.error is not None or says_any(prediction.answer, question.forbidden):
        return False
    if not question.answerable:
        return prediction.abstained
    if not question.expected:
        return None
    return not prediction.abstained and matches_expected(prediction.answer, question.expected)


def _load(inyong: "Inyong", question: Question, request: RunRequest) -> None:
    """Loads what the questions need, so that what no question can do without fails here, and once."""
    if request.retrieval_only:
        _search(inyong, question, request)
    else:
        inyong.prepare()


def _asked(request: RunRequest, questions: Sequence[Question]) -> Asked:
    return Asked(
        set_name=request.set_path.name,
        set_sha256=hash_file(request.set_path),
        ids=[question.id for question in questions],
        collections=request.collections,
        limit=request.limit,
        tags=request.tags,
        retrieval_only=request.retrieval_only,
        timeout_s=request.timeout_s,
    )


# The folder


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps other processes out of the folder, which is made, and unmade when nothing came into it."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadRun(f"{folder}: cannot be made ({error.strerror}); name another folder with -o") from error
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BadRun(
            f"{folder}: another process is running in it; wait for it, or name another folder with -o"
        ) from None
    except OSError as error:
        raise BadRun(
            f"{folder}: cannot be written to ({error.strerror}); name another folder with -o"
        ) from error
    try:
        yield
    finally:
        if not (folder / MANIFEST).exists():
            (folder / LOCK).unlink(missing_ok=True)
        lock.release()
        if not any(folder.iterdir()):
            folder.rmdir()


def _check_folder(request: RunRequest) -> None:
    """Raises BadRun for a folder that holds a run that is not gone on with, or something else."""
    folder = request.folder
    if (folder / MANIFEST).exists():
        if not request.resume:
            raise BadRun(f"{folder}: holds a run; go on with it by --resume, or name another folder with -o")
        load_manifest(folder)
        return
    others = sorted(path.name for path in folder.iterdir() if path.name != LOCK)
    if others:
        raise BadRun(
            f"{folder}: holds {others[0]} but no {MANIFEST}, so it is no run or a half-written one; "
            "name another folder with -o"
        )


def _begin(folder: Path, manifest: Mapping[str, Any], questions: Sequence[Question]) -> None:
    """Writes what is known before the first answer; of a run gone on with, checks that it is the same."""
    if (folder / MANIFEST).exists():
        changed = differing_identity(load_manifest(folder), manifest)
        if changed:
            said = "; ".join(f"{key} was {then!r} and is {now!r}" for key, (then, now) in changed.items())
            raise BadRun(f"{folder}: cannot be gone on with, for {said}; name another folder with -o")
        for name in (PREDICTIONS, DOCUMENTS):
            drop_torn_line(folder / name)
        return
    save_questions(folder / QUESTIONS, questions)
    for name in (DOCUMENTS, PREDICTIONS):
        (folder / name).touch()
    write_json(folder / MANIFEST, manifest)  # last: a folder with a manifest has the rest


@contextmanager
def _appending(path: Path) -> Iterator[BinaryIO]:
    """The file, open for whole lines. Raises BadRun when one cannot be written; those before it stay."""
    try:
        with path.open("ab", buffering=0) as file:
            yield file
    except OSError as error:
        drop_torn_line(path)
        raise BadRun(
            f"{path}: cannot be written ({error.strerror or error}); what was written is kept, "
            f"mend that and go on with: --resume -o {path.parent}"
        ) from error


# The documents


class _Documents:
    """The documents that searches may see, and those whose text the run keeps already."""

    def __init__(self, inyong: "Inyong", request: RunRequest) -> None:
        self._inyong = inyong
        self._request = request
        self._path = request.folder / DOCUMENTS
        catalog = inyong.catalog()
        allowed = catalog.select_documents(request.collections, {})
        self.in_scope: list[StoredDocument] = [
            document for document in catalog.documents() if allowed is None or document.id in allowed
        ]
        self._by_source = {document.source: document for document in self.in_scope}
        self._kept: set[str] = set()
        self._require_distinct_sources()

    def _require_distinct_sources(self) -> None:
        if len(self._by_source) == len(self.in_scope):
            return
        sources = [document.source for document in self.in_scope]
        twice = next(source for source in sources if sources.count(source) > 1)
        raise BadRun(
            f"{self._inyong.settings.home}: two documents are called {twice}, and gold could mean either; "
            "ask one of their collections with --collection, or index them from a common folder"
        )

    def require_gold(self, questions: Sequence[Question]) -> None:
        """Raises BadQuestionSet when gold names documents that searches cannot see."""
        unknown = {
            source: question.id
            for question in reversed(questions)
            for source in _gold_sources(question)
            if source not in self._by_source
        }
        if unknown:
            source, question_id = next(reversed(unknown.items()))
            raise BadQuestionSet(
                f"{self._request.set_path}: {question_id} has gold in {source}, which is not among the "
                f"{len(self.in_scope)} documents searched ({len(unknown)} such); index it, or see the names "
                f"with: inyong list --home {self._inyong.settings.home}"
            )

    def keep(self, sources: Sequence[str]) -> None:
        """Writes the texts of these documents into the run, each once."""
        if not self._kept:
            self._kept = set(load_texts(self._path))
        new = [source for source in dict.fromkeys(sources) if source not in self._kept]
        if not new:
            return
        with _appending(self._path) as file:
            for source in new:
                # A document indexed since the run began is not in the list, and may be cited all the same.
                document = self._by_source.get(source) or self._inyong.document(source)
                append_text(file, source, document.sha256, self._inyong.text(document.id))
                self._kept.add(source)


def _gold_sources(question: Question) -> list[str]:
    return [*question.documents, *(span.document for group in question.gold for span in group)]


# The questions


def _ask_all(
    inyong: "Inyong",
    request: RunRequest,
    questions: Sequence[Question],
    done: dict[str, Prediction],
    documents: _Documents,
    report_progress: Callable[[Tally], None],
) -> None:
    verdicts = [is_right(question, done[question.id]) for question in questions if question.id in done]
    errors = sum(prediction.error is not None for prediction in done.values())

    def report() -> None:
        judged = [verdict for verdict in verdicts if verdict is not None]
        report_progress(Tally(len(verdicts), len(questions), sum(judged), len(judged), errors))

    pending = [question for question in questions if question.id not in done]
    documents.keep([source for question in questions for source in _gold_sources(question)])
    report()
    if pending:
        predict(inyong, pending[0], request)  # the first answer pays for what is loaded and computed once
    with _appending(request.folder / PREDICTIONS) as file:
        for question in pending:
            prediction = predict(inyong, question, request)
            documents.keep(_sources(prediction))
            append_prediction(file, prediction)
            verdicts.append(None if request.retrieval_only else is_right(question, prediction))
            errors += prediction.error is not None
            report()


def _sources(prediction: Prediction) -> list[str]:
    spans = [*prediction.passages, *prediction.sentences]
    return [span.document for span in spans] + [cited.document for cited in prediction.citations]


def predict(inyong: "Inyong", question: Question, request: RunRequest) -> Prediction:
    """What the question gets: an answer, or passages only, or the error in their place."""
    watch = _Watch(request.timeout_s)
    try:
        prediction = _search(inyong, question, request) if request.retrieval_only else None
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


def _search(inyong: "Inyong", question: Question, request: RunRequest) -> Prediction:
    """The passages alone, of the words that an answer would search with."""
    from service.answer import with_context

    began = time.perf_counter()
    hits = inyong.search(
        with_context(question.question, _history(question)),
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
