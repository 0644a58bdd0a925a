"""Compare two runs of the same questions: what changed, and whether chance can explain it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.errors import IncompleteRun, NotComparable
from eval.metrics.catalogue import METRICS, Metric
from eval.metrics.statistics import (
    ClusterBootstrap,
    Estimate,
    holm,
    mcnemar_p_value,
    permutation_p_values,
    smallest_detectable_difference,
)
from eval.report.summary import cluster_of
from eval.runs.files import Run
from eval.types import Question, QuestionScores


@dataclass(frozen=True, slots=True)
class Change:
    """A question that one of the runs does better on. Answers are as shown, or an error in their place."""

    id: str
    question: str
    better: bool
    base_score: float
    candidate_score: float
    base_answer: str
    candidate_answer: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric in both runs, over the questions that have it in both.

    difference: candidate minus base, with its interval. p_value: of the paired permutation test; p_holm:
    corrected for all metrics compared. p_mcnemar: exact, for yes-or-no metrics. wins: questions on which
    the candidate is better, in the metric's direction. one_sided: questions with the metric in one run
    only, left out. detectable: the smallest difference that the set could have detected.
    """

    metric: str
    base: float
    candidate: float
    difference: Estimate
    p_value: float
    p_holm: float
    p_mcnemar: float | None
    wins: int
    ties: int
    losses: int
    one_sided: int
    detectable: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences between two runs. n_left_out: questions that are not identical in both.

    changes: in the first metric, losses first. manifests: values that differ, base and candidate, by key.
    """

    n_questions: int
    n_left_out: int
    same_documents: bool
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    manifests: Mapping[str, tuple[Any, Any]]

    def as_json(self) -> dict[str, Any]:
        """Return JSON-serialisable values."""
        return {
            "questions": self.n_questions,
            "left_out": self.n_left_out,
            "same_documents": self.same_documents,
            "metrics": [asdict(difference) for difference in self.differences],
            "changes": [asdict(change) for change in self.changes],
            "manifests": {
                key: {"base": base, "candidate": candidate}
                for key, (base, candidate) in self.manifests.items()
            },
        }


def compare_runs(base: Run, candidate: Run, metrics: Sequence[str], *, intersect: bool = False) -> Comparison:
    """Compare the candidate with the base in these metrics.

    A metric that no question has in both runs is left out. intersect: compare only the questions that are
    identical in both, even if other questions or the documents differ.
    Raises NotComparable for runs on different questions or documents, or with none of the metrics in both,
    and IncompleteRun for one without scores.
    """
    questions = comparable_questions(base, candidate, intersect=intersect)
    base_scores, candidate_scores = scores_of(base), scores_of(candidate)
    differences = paired_differences(questions, base_scores, candidate_scores, metrics)
    if not differences:
        raise NotComparable(
            f"no question has {' or '.join(metrics)} in both {base.folder} and {candidate.folder}; choose "
            "another metric with --metric"
        )
    return Comparison(
        n_questions=len(questions),
        n_left_out=len({q.id for q in base.questions} | {q.id for q in candidate.questions}) - len(questions),
        same_documents=_documents(base) == _documents(candidate),
        differences=differences,
        changes=_changes(questions, base, candidate, differences[0].metric),
        manifests=manifest_differences(base.manifest, candidate.manifest),
    )


def comparable_questions(base: Run, candidate: Run, *, intersect: bool = False) -> list[Question]:
    """Return the questions that are identical in both runs, in the base's order. Raises NotComparable."""
    others = {question.id: question for question in candidate.questions}
    shared = [question for question in base.questions if others.get(question.id) == question]
    if not shared:
        raise NotComparable(
            f"{base.folder} and {candidate.folder} have no question in common; compare runs of one set"
        )
    if intersect:
        return shared
    if len(shared) < len(base.questions) or len(shared) < len(candidate.questions):
        raise NotComparable(
            f"{base.folder} asks {len(base.questions)} questions and {candidate.folder} "
            f"{len(candidate.questions)}, of which {len(shared)} are identical; run both on one set, or "
            "compare these alone with --intersect"
        )
    if _documents(base) != _documents(candidate):
        raise NotComparable(
            f"{base.folder} and {candidate.folder} were asked of different documents; run both on one "
            "store, or compare them all the same with --intersect"
        )
    return shared


def scores_of(run: Run) -> Mapping[str, QuestionScores]:
    """Return the scores of every question of the run. Raises IncompleteRun if any is missing."""
    scores = run.scores
    if scores is None:
        raise IncompleteRun(f"{run.folder}: not scored yet; score it with: inyong eval score {run.folder}")
    missing = [question.id for question in run.questions if question.id not in scores]
    missing = missing or [question.id for question in run.questions if question.id not in run.predictions]
    if missing:
        raise IncompleteRun(
            f"{run.folder}: {len(missing)} of {len(run.questions)} questions have no prediction or no score, "
            f"the first is {missing[0]}; go on with the run with --resume, then score it"
        )
    return scores


def paired_differences(
    questions: Sequence[Question],
    base: Mapping[str, QuestionScores],
    candidate: Mapping[str, QuestionScores],
    metrics: Sequence[str],
) -> tuple[Difference, ...]:
    """Return the differences in these metrics, in order; a metric without a pair is left out."""
    pairs = {name: [_pair(name, q.id, base, candidate) for q in questions] for name in metrics}
    columns = {
        name: [None if b is None or c is None else c - b for b, c in column]
        for name, column in pairs.items()
        if any(b is not None and c is not None for b, c in column)
    }
    clusters = [cluster_of(question) for question in questions]
    bootstrap = ClusterBootstrap(clusters)
    estimates = bootstrap.estimates(list(columns.values()), in_unit=[False] * len(columns))
    p_values = [p for p in permutation_p_values(clusters, list(columns.values())) if p is not None]
    return tuple(
        _difference(METRICS[name], pairs[name], columns[name], estimate, p, p_holm)
        for name, estimate, p, p_holm in zip(columns, estimates, p_values, holm(p_values), strict=True)
        if estimate is not None
    )


def manifest_differences(base: Mapping[str, Any], candidate: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the values that differ, base and candidate, by dotted key; None where a key is missing."""
    ours, theirs = dict(_flat(base)), dict(_flat(candidate))
    return {
        key: (ours.get(key), theirs.get(key))
        for key in dict.fromkeys([*ours, *theirs])
        if ours.get(key) != theirs.get(key)
    }


def _flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, inner in value.items():
        flat += _flat(inner, f"{prefix}{key}.") if isinstance(inner, Mapping) else [(f"{prefix}{key}", inner)]
    return flat


def _documents(run: Run) -> Any:
    return run.manifest.get("documents_sha256")


def _pair(
    name: str, question: str, base: Mapping[str, QuestionScores], candidate: Mapping[str, QuestionScores]
) -> tuple[float | None, float | None]:
    return base[question].scores.get(name), candidate[question].scores.get(name)


def _difference(
    metric: Metric,
    pairs: Sequence[tuple[float | None, float | None]],
    column: Sequence[float | None],
    estimate: Estimate,
    p_value: float,
    p_holm: float,
) -> Difference:
    both = [(b, c) for b, c in pairs if b is not None and c is not None]
    rises = sum(difference > 0 for difference in column if difference is not None)
    falls = sum(difference < 0 for difference in column if difference is not None)
    wins, losses = (falls, rises) if metric.lower_is_better else (rises, falls)
    return Difference(
        metric=metric.name,
        base=sum(b for b, _ in both) / len(both),
        candidate=sum(c for _, c in both) / len(both),
        difference=estimate,
        p_value=p_value,
        p_holm=p_holm,
        p_mcnemar=mcnemar_p_value(wins, losses) if metric.yes_or_no else None,
        wins=wins,
        ties=len(both) - wins - losses,
        losses=losses,
        one_sided=sum((b is None) != (c is None) for b, c in pairs),
        detectable=smallest_detectable_difference(estimate, yes_or_no=metric.yes_or_no),
    )


def _changes(questions: Sequence[Question], base: Run, candidate: Run, metric: str) -> tuple[Change, ...]:
    """Return the questions whose score differs, losses first, otherwise in the order of the set."""
    changes = []
    base_scores, candidate_scores = scores_of(base), scores_of(candidate)
    for question in questions:
        before, after = _pair(metric, question.id, base_scores, candidate_scores)
        if before is None or after is None or before == after:
            continue
        better = (after < before) if METRICS[metric].lower_is_better else (after > before)
        changes.append(
            Change(
                question.id,
                question.question,
                better,
                before,
                after,
                _shown(base, question.id),
                _shown(candidate, question.id),
            )
        )
    return tuple(sorted(changes, key=lambda change: change.better))


def _shown(run: Run, question: str) -> str:
    prediction = run.predictions[question]
    return prediction.answer if prediction.error is None else f"(failed: {prediction.error})"
