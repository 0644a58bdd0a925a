"""Summarise a run: metrics with intervals, counts, slices, times, risk and coverage. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.metrics.abstention import (
    Abstention,
    Outcome,
    RiskPoint,
    abstention,
    area_under_risk_coverage,
    calibration_error,
    risk_coverage,
)
from eval.metrics.attribution import FAILURES
from eval.metrics.catalogue import METRICS
from eval.metrics.statistics import ClusterBootstrap, Estimate
from eval.metrics.times import Percentiles, output_tokens_per_s, percentiles, prompt_tokens_per_s
from eval.report.slices import slices_of
from eval.runs.scoring import score_missing
from eval.types import Prediction, Question, QuestionScores

Estimates = dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of questions by outcome. missing: without a prediction, included in errors."""

    questions: int
    answerable: int
    answered: int
    withheld: int
    errors: int
    missing: int
    failures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SliceSummary:
    """The size and metrics of a slice."""

    questions: int
    metrics: Estimates


@dataclass(frozen=True, slots=True)
class Cost:
    """Time, tokens and memory of the answers that did not fail.

    times_ms: by stage. tokens: totals by kind. peak_memory_mb: maximum over the predictions.
    """

    times_ms: Mapping[str, Percentiles]
    tokens: Mapping[str, int]
    prompt_tokens_per_s: float | None
    output_tokens_per_s: float | None
    peak_memory_mb: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a whole run. metrics: by name, those that some question is eligible for.

    totals: sums of the count metrics, by name. risk_points, risk_area: over the questions that can be
    judged, i.e. unanswerable or with an expected answer; the area is None without an answer, as is
    calibration_error, the expected one of confidence over the same questions.
    """

    counts: Counts
    metrics: Estimates
    totals: Mapping[str, float]
    slices: Mapping[str, SliceSummary]
    abstention: Abstention
    risk_points: tuple[RiskPoint, ...]
    risk_area: float | None
    calibration_error: float | None
    cost: Cost

    def as_json(self) -> dict[str, Any]:
        """Return JSON-serialisable values; an unknown interval is null."""
        return {
            "counts": asdict(self.counts),
            "metrics": {name: _estimate_json(estimate) for name, estimate in self.metrics.items()},
            "totals": dict(self.totals),
            "slices": {
                name: {
                    "questions": part.questions,
                    "metrics": {metric: _estimate_json(e) for metric, e in part.metrics.items()},
                }
                for name, part in self.slices.items()
            },
            "abstention": asdict(self.abstention),
            "risk_coverage": {
                "area": self.risk_area,
                "points": [asdict(point) for point in self.risk_points],
            },
            "calibration_error": self.calibration_error,
            "times_ms": {stage: asdict(times) for stage, times in self.cost.times_ms.items()},
            "tokens": dict(self.cost.tokens),
            "prompt_tokens_per_s": self.cost.prompt_tokens_per_s,
            "output_tokens_per_s": self.cost.output_tokens_per_s,
            "peak_memory_mb": self.cost.peak_memory_mb,
        }


def summarise(
    questions: Sequence[Question],
    scores: Mapping[str, QuestionScores],
    predictions: Mapping[str, Prediction],
    *,
    retrieval_only: bool = False,
) -> Summary:
    """Summarise a run over all its questions; one without scores counts as failed.

    scores, predictions: by question id. retrieval_only: no answers were generated.
    """
    with_cosine = any(s.scores.get("embedding_cosine") is not None for s in scores.values())
    complete = {
        question.id: scores.get(question.id)
        or score_missing(question, with_cosine=with_cosine, retrieval_only=retrieval_only)
        for question in questions
    }
    # Without answers there is nothing withheld or failed either.
    outcomes = (
        {} if retrieval_only else {q: outcome_of(q, predictions.get(q.id), complete[q.id]) for q in questions}
    )
    judged = [outcome for q, outcome in outcomes.items() if q.expected or not q.answerable]
    return Summary(
        counts=_counts(questions, complete, predictions, list(outcomes.values())),
        metrics=estimate_metrics(questions, complete),
        totals={
            name: sum(s.scores.get(name) or 0.0 for s in complete.values())
            for name, metric in METRICS.items()
            if metric.lower_is_better and any(s.scores.get(name) is not None for s in complete.values())
        },
        slices={
            str(part): SliceSummary(len(inside), estimate_metrics(inside, complete))
            for part in slices_of(questions)
            if (inside := [question for question in questions if part.holds(question)])
        },
        abstention=abstention(list(outcomes.values())),
        risk_points=tuple(risk_coverage(judged)),
        risk_area=area_under_risk_coverage(judged),
        calibration_error=calibration_error(judged),
        cost=_cost([p for q in questions if (p := predictions.get(q.id)) and p.error is None]),
    )


def outcome_of(question: Question, prediction: Prediction | None, scores: QuestionScores) -> Outcome:
    """Return a question's outcome; right means as expected and nothing forbidden said."""
    if prediction is None or prediction.error is not None:
        return Outcome(question.answerable, answered=False, withheld=False, right=False)
    return Outcome(
        question.answerable,
        answered=not prediction.abstained,
        withheld=prediction.abstained,
        right=bool(scores.scores.get("expected")) and scores.scores.get("forbidden_absent") != 0,
        confidence=prediction.confidence,
    )


def cluster_of(question: Question) -> str:
    """Return the key that dependent questions share: the first gold document, else the question itself."""
    named = [span.document for group in question.gold for span in group] or list(question.documents)
    return f"document {named[0]}" if named else f"question {question.id}"


def estimate_metrics(
    questions: Sequence[Question],
    scores: Mapping[str, QuestionScores],
    metrics: Sequence[str] = tuple(METRICS),
) -> Estimates:
    """Return mean and interval, by name, of each metric that any of the questions is eligible for."""
    bootstrap = ClusterBootstrap([cluster_of(question) for question in questions])
    columns = [[scores[question.id].scores.get(name) for question in questions] for name in metrics]
    estimates = bootstrap.estimates(columns, in_unit=[METRICS[name].in_unit for name in metrics])
    return {name: e for name, e in zip(metrics, estimates, strict=True) if e is not None}


def _counts(
    questions: Sequence[Question],
    scores: Mapping[str, QuestionScores],
    predictions: Mapping[str, Prediction],
    outcomes: Sequence[Outcome],
) -> Counts:
    failed = Counter(scores[question.id].failure for question in questions)
    missing = sum(question.id not in predictions for question in questions)
    return Counts(
        questions=len(questions),
        answerable=sum(question.answerable for question in questions),
        answered=sum(outcome.answered for outcome in outcomes),
        withheld=sum(outcome.withheld for outcome in outcomes),
        errors=missing
        + sum((p := predictions.get(q.id)) is not None and p.error is not None for q in questions),
        missing=missing,
        failures={failure: failed[failure] for failure in FAILURES if failed[failure]},
    )


def _cost(predictions: Sequence[Prediction]) -> Cost:
    stages = dict.fromkeys(stage for p in predictions for stage in p.timings_ms)
    # A time of 0 means a stage not reached, such as a first token without generation.
    times = {
        stage: [value for p in predictions if (value := p.timings_ms.get(stage, 0.0)) > 0] for stage in stages
    }
    tokens = sum((Counter(p.tokens) for p in predictions), Counter[str]())
    timings = [p.timings_ms for p in predictions]
    unread = [p.tokens.get("prompt", 0) - p.tokens.get("cached_prompt", 0) for p in predictions]
    return Cost(
        times_ms={stage: percentiles(values) for stage, values in times.items() if values},
        tokens=dict(tokens),
        prompt_tokens_per_s=prompt_tokens_per_s(timings, unread),
        output_tokens_per_s=output_tokens_per_s(
            timings, [p.tokens.get("completion", 0) for p in predictions]
        ),
        peak_memory_mb=max((p.peak_memory_mb for p in predictions), default=0.0),
    )


def _estimate_json(estimate: Estimate) -> dict[str, Any]:
    interval = estimate.interval
    return {
        "mean": estimate.mean,
        "n": estimate.n,
        "clusters": estimate.n_clusters,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }
