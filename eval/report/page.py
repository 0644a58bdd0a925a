"""The HTML report of a run, rendered from its folder: one file that needs no network and no scripts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.errors import NotComparable
from eval.metrics.attribution import (
    ANSWERED_UNANSWERABLE,
    ERROR,
    FAILURES,
    FORBIDDEN_SAID,
    WRONG_WITHOUT_GOLD,
)
from eval.metrics.catalogue import HEADLINES, METRICS
from eval.metrics.statistics import Estimate
from eval.report.evidence import Evidence, collect_evidence
from eval.report.junit import expected_in_words
from eval.report.plots import Plot, plot_latency, plot_recall, plot_risk_coverage
from eval.report.slices import slices_of
from eval.runs.files import REPORT, Run, write_whole
from eval.runs.scoring import NO_PREDICTION
from eval.types import Prediction, Question, TextSpan

if TYPE_CHECKING:
    from eval.report.comparison import Comparison
    from eval.runs.score import ScoredRun

MOST_QUESTIONS = 600  # shown individually, failures first; more would overload browsers
_PASSAGE_CHARS = 220
_TILES = ("overall", "expected", "abstained_rightly", "verbatim", "citation_recall", "recall_at_5")
_SLICE_METRICS = ("overall", "expected", "answered", "abstained_rightly", "recall_at_5", "mrr")


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric for display. low, high: its 95 % interval, None if unknown."""

    name: str
    meaning: str
    mean: float
    low: float | None
    high: float | None
    n: int
    in_unit: bool

    @property
    def value(self) -> str:
        """The mean, formatted for display."""
        return f"{self.mean:.1%}" if self.in_unit else f"{self.mean:.3f}"

    @property
    def interval(self) -> str:
        """The interval, formatted for display."""
        if self.low is None or self.high is None:
            return "interval unknown"
        return f"{self.low:.1%} – {self.high:.1%}" if self.in_unit else f"{self.low:.3f} – {self.high:.3f}"


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the funnel: the number of questions lost to a failure, and of those left after it."""

    failure: str
    lost: int
    left: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved passage or a sentence in the prompt, with the beginning of its text."""

    place: str
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One question with everything shown about it. failure: None if it succeeded."""

    question: Question
    prediction: Prediction
    failure: str | None
    expected: str
    evidence: Evidence
    passages: tuple[Passage, ...]
    sentences: tuple[Passage, ...]
    scores: tuple[tuple[str, str], ...]
    seconds: float


def write_report(scored: "ScoredRun", before: Run | None = None) -> None:
    """Write report.html to the run's folder. before: an earlier run to compare with.

    Raises NotComparable if the two have no question in common, IncompleteRun if `before` has no scores.
    """
    write_whole(scored.run.folder / REPORT, render_report(scored, before))


def render_report(scored: "ScoredRun", before: Run | None = None) -> str:
    """Return the report as HTML."""
    run, summary = scored.run, scored.summary
    shown = [_show(scored, question) for question in _most_telling(scored)]
    groups = [
        (failure, [one for one in shown if one.failure == failure])
        for failure in (*FAILURES, None)
        if any(one.failure == failure for one in shown)
    ]
    return render_template(
        "report.html.j2",
        {
            "run": run,
            "summary": summary,
            "retrieval_only": scored.retrieval_only,
            "tiles": [f for f in figures(summary.metrics) if f.name in _TILES],
            "figures": list(figures(summary.metrics)),
            "funnel": funnel(scored),
            "answered_unanswerable": summary.counts.failures.get(ANSWERED_UNANSWERABLE, 0),
            "slices": _slices(scored),
            "slice_metrics": _slice_metrics(scored),
            "plots": list(_plots(scored)),
            "groups": groups,
            "n_shown": len(shown),
            "manifest": list(flatten(run.manifest)),
            "comparison": _compare(before, run) if before else None,
            "before": before,
        },
    )


def render_template(name: str, values: Mapping[str, Any]) -> str:
    """Render a template of this folder; every value is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(values)


def figures(metrics: Mapping[str, Estimate]) -> Iterator[Figure]:
    """Yield the metrics that the run has, in the order of the catalogue."""
    for name, metric in METRICS.items():
        estimate = metrics.get(name)
        if estimate is None:
            continue
        interval = estimate.interval
        yield Figure(
            name,
            metric.meaning,
            estimate.mean,
            interval.low if interval else None,
            interval.high if interval else None,
            estimate.n,
            metric.in_unit,
        )


_FUNNEL = tuple(failure for failure in FAILURES if failure != ANSWERED_UNANSWERABLE)


def funnel(scored: "ScoredRun") -> list[Stage]:
    """Return how many answerable questions each failure takes, in the order in which failures can occur."""
    answerable = [question.id for question in scored.run.questions if question.answerable]
    failures = [scored.scores[question_id].failure for question_id in answerable]
    left, stages = len(answerable), []
    for failure in _FUNNEL:
        lost = failures.count(failure)
        left -= lost
        if lost or failure not in (ERROR, WRONG_WITHOUT_GOLD, FORBIDDEN_SAID):
            stages.append(Stage(failure, lost, left))
    return stages


def flatten(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values of nested objects by dotted key."""
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            yield from flatten(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", "" if inner is None else str(inner)


def _most_telling(scored: "ScoredRun") -> Sequence[Question]:
    """Return the questions to show individually: all, or failures first up to MOST_QUESTIONS."""
    questions = scored.run.questions
    if len(questions) <= MOST_QUESTIONS:
        return questions
    return sorted(questions, key=lambda q: scored.scores[q.id].failure is None)[:MOST_QUESTIONS]


def _show(scored: "ScoredRun", question: Question) -> Shown:
    texts = scored.run.texts
    scores = scored.scores[question.id]
    prediction = scored.run.predictions.get(question.id, Prediction(question.id, error=NO_PREDICTION))
    return Shown(
        question=question,
        prediction=prediction,
        failure=scores.failure,
        expected=expected_in_words(question),
        evidence=collect_evidence(question, prediction, texts),
        passages=tuple(_passage(span, texts) for span in prediction.passages),
        sentences=tuple(_passage(span, texts) for span in prediction.sentences),
        scores=tuple((name, f"{value:.3g}") for name, value in scores.scores.items() if value is not None),
        seconds=prediction.timings_ms.get("total", 0.0) / 1000,
    )


def _passage(span: TextSpan, texts: Mapping[str, str]) -> Passage:
    text = " ".join(texts.get(span.document, "")[span.start : span.end].split())
    cut = text if len(text) <= _PASSAGE_CHARS else f"{text[: _PASSAGE_CHARS - 1]}…"
    return Passage(f"{span.document}, {span.start}–{span.end}", span.score, cut)


def _slices(scored: "ScoredRun") -> list[tuple[str, int, list[Figure | None]]]:
    """Return name, number of questions and metrics of each slice; None for a metric it lacks."""
    rows = []
    for part in map(str, slices_of(scored.run.questions)):
        inside = scored.summary.slices[part]
        by_name = {figure.name: figure for figure in figures(inside.metrics)}
        rows.append((part, inside.questions, [by_name.get(name) for name in _slice_metrics(scored)]))
    return rows


def _slice_metrics(scored: "ScoredRun") -> list[str]:
    return [name for name in _SLICE_METRICS if name in scored.summary.metrics]


def _plots(scored: "ScoredRun") -> Iterator[Plot]:
    summary = scored.summary
    seconds = [
        total / 1000
        for prediction in scored.run.predictions.values()
        if prediction.error is None and (total := prediction.timings_ms.get("total", 0.0)) > 0
    ]
    for plot in (
        plot_recall(summary.metrics),
        plot_risk_coverage(summary.risk_points, summary.risk_area),
        plot_latency(seconds),
    ):
        if plot is not None:
            yield plot


def _compare(before: Run, run: Run) -> "Comparison":
    from eval.report.comparison import compare_runs

    try:
        return compare_runs(before, run, HEADLINES)
    except NotComparable:
        return compare_runs(before, run, HEADLINES, intersect=True)
