"""Run a question set with every combination of some settings and choose the best on half of the questions.

Each combination is an ordinary run in its own folder, so an interrupted sweep can be resumed. Results are
reported on the other half, since the best of many looks better than it is on the half that chose it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from eval.errors import BadQuestionSet
from eval.runs.grid import Point, generator_key
from eval.runs.files import write_json, write_whole
from eval.report.page import write_report
from eval.runs.request import RunRequest
from eval.runs.run import Tally, run_set, select_questions
from eval.runs.score import ScoredRun, score_folder
from eval.runs.stores import bring_in_step, settings_for
from eval.report.summary import estimate_metrics
from eval.types import Question
from service.inyong import Inyong

if TYPE_CHECKING:
    from eval.metrics.statistics import Estimate
    from index.embedding.embedder import Embedder
    from index.indexing.progress import Progress
    from service.answering.pipeline import Parts
    from service.language_models.types import Generator
    from service.settings import Settings

SWEEP = "sweep.json"
PAGE = "sweep.html"


@dataclass(frozen=True, slots=True)
class Halves:
    """Ids of the questions used for choosing the best point, and of those used for reporting."""

    choosing: frozenset[str]
    reporting: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one point. choosing, reporting: metric on either half; seconds: median per question."""

    point: Point
    folder: Path
    choosing: "Estimate"
    reporting: "Estimate"
    seconds: float
    errors: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """All outcomes, the best on the choosing half, and the Pareto front of quality and time."""

    metric: str
    halves: Halves
    outcomes: Sequence[Outcome]
    best: Outcome
    front: Sequence[Outcome]

    def as_json(self) -> dict[str, Any]:
        """Return JSON-serialisable values."""
        front = {id(outcome) for outcome in self.front}
        return {
            "metric": self.metric,
            "choosing": sorted(self.halves.choosing),
            "reporting": sorted(self.halves.reporting),
            "best": self.best.folder.name,
            "points": [
                {
                    "folder": outcome.folder.name,
                    "values": dict(outcome.point.values),
                    "choosing": asdict(outcome.choosing),
                    "reporting": asdict(outcome.reporting),
                    "seconds": outcome.seconds,
                    "errors": outcome.errors,
                    "on_front": id(outcome) in front,
                }
                for outcome in self.outcomes
            ],
        }


@dataclass(frozen=True, slots=True)
class Watcher:
    """Callbacks that are notified during a sweep."""

    on_point: Callable[[int, int, Point], None] = lambda number, total, point: None
    on_question: Callable[[Tally], None] = lambda tally: None
    on_indexing: Callable[["Progress"], None] = lambda progress: None
    notify: Callable[[str], None] = lambda message: None


def sweep(
    points: Sequence[Point],
    request: RunRequest,
    documents: Sequence[Path],
    metric: str,
    watcher: Watcher | None = None,
    words_of_many: Callable[[Iterable[str]], Sequence[Sequence[str]]] | None = None,
) -> Sweep:
    """Run every incomplete point, score all, and write sweep.json and sweep.html.

    request: its folder is the sweep's. Raises BadQuestionSet if a half of the set has no question with the
    metric, and what a run raises.
    """
    watcher = watcher or Watcher()
    halves = split_halves(select_questions(request))
    models = Models()
    outcomes = []
    for number, point in enumerate(points, 1):
        watcher.on_point(number, len(points), point)
        folder = request.folder / point.folder_name
        settings = settings_for(point.settings, documents, request.folder.parent)
        with SharingInyong(settings, models, watcher.notify) as inyong:
            bring_in_step(inyong, documents, notify=watcher.notify, report_progress=watcher.on_indexing)
            run_set(inyong, replace(request, folder=folder, resume=True), watcher.on_question)
        scored = score_folder(folder, words_of_many=words_of_many)
        write_report(scored)
        outcomes.append(_outcome(point, scored, halves, metric))
    return _finish(request.folder, metric, halves, outcomes)


def split_halves(questions: Sequence[Question]) -> Halves:
    """Return two halves stratified by language and answerability. Deterministic.

    Questions are taken in the order of their ids' digests, so the halves do not depend on the order of the
    set.
    """
    ordered = sorted(
        questions,
        key=lambda q: (q.lang, q.answerable, hashlib.sha256(q.id.encode("utf-8", "replace")).digest()),
    )
    ids = [question.id for question in ordered]
    return Halves(frozenset(ids[::2]), frozenset(ids[1::2]))


def pareto_front(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes not dominated in quality (on the choosing half) and time, fastest first."""

    def beats(one: Outcome, other: Outcome) -> bool:
        return (
            one.choosing.mean >= other.choosing.mean
            and one.seconds <= other.seconds
            and (one.choosing.mean, one.seconds) != (other.choosing.mean, other.seconds)
        )

    front = [one for one in outcomes if not any(beats(other, one) for other in outcomes)]
    return sorted(front, key=lambda outcome: (outcome.seconds, -outcome.choosing.mean))


class Models:
    """A cache of the most recently loaded embedding model and language model."""

    def __init__(self) -> None:
        self._embedder: tuple[str, Embedder] | None = None
        self._generator: tuple[tuple[Any, ...], Generator] | None = None

    def embedder(self, settings: "Settings") -> "Embedder":
        """Return the embedding model of these settings, loading it unless cached."""
        from service import wiring

        if self._embedder is None or self._embedder[0] != settings.embedding:
            self._embedder = None  # released before the next is loaded: both may not fit
            self._embedder = (settings.embedding, wiring.load_embedder(settings))
        return self._embedder[1]

    def generator(self, settings: "Settings") -> "Generator":
        """Return the language model of these settings, loading it unless cached."""
        from service import wiring

        key = generator_key(settings)
        if self._generator is None or self._generator[0] != key:
            self._generator = None
            self._generator = (key, wiring.load_generator(settings))
        return self._generator[1]


class SharingInyong(Inyong):
    """An Inyong whose models outlive it."""

    def __init__(self, settings: "Settings", models: Models, notify: Callable[[str], None]) -> None:
        super().__init__(settings=settings, notify=notify)
        self._models = models

    @cached_property
    def _embedder(self) -> "Embedder":
        return self._models.embedder(self.settings)

    @cached_property
    def _parts(self) -> "Parts":
        from service import wiring

        generator = partial(self._models.generator, self.settings)
        return wiring.build_parts(self.settings, lambda: self._searcher, lambda: self._reader, generator)


def _outcome(point: Point, scored: ScoredRun, halves: Halves, metric: str) -> Outcome:
    def estimate(ids: frozenset[str]) -> "Estimate":
        inside = [question for question in scored.run.questions if question.id in ids]
        found = estimate_metrics(inside, scored.scores, [metric]).get(metric) if inside else None
        if found is None:
            raise BadQuestionSet(
                f"{scored.run.manifest.get('set')}: a half of its {len(scored.run.questions)} questions has "
                f"none with {metric}; take more questions, or another --metric"
            )
        return found

    predictions = scored.run.predictions.values()
    return Outcome(
        point=point,
        folder=scored.run.folder,
        choosing=estimate(halves.choosing),
        reporting=estimate(halves.reporting),
        seconds=median(p.timings_ms.get("total", 0.0) / 1000 for p in predictions),
        errors=scored.summary.counts.errors,
    )


def _finish(folder: Path, metric: str, halves: Halves, outcomes: Sequence[Outcome]) -> Sweep:
    best = max(outcomes, key=lambda outcome: (outcome.choosing.mean, -outcome.seconds))
    done = Sweep(metric, halves, outcomes, best, pareto_front(outcomes))
    write_json(folder / SWEEP, done.as_json())
    write_whole(folder / PAGE, _page(done))
    return done


def _page(done: Sweep) -> str:
    from eval.report.page import render_template
    from eval.report.plots import plot_front

    names: Mapping[int, str] = {id(outcome): outcome.point.label for outcome in done.outcomes}
    plot = plot_front(
        [(names[id(o)], o.seconds, o.choosing.mean) for o in done.outcomes],
        [names[id(o)] for o in done.front],
        done.metric,
    )
    return render_template("sweep.html.j2", {"sweep": done, "plot": plot})
