"""Check a run against the rules of a gate file: passed, regression or inconclusive."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import isnan
from pathlib import Path
from typing import Any

from eval.errors import BadGate
from eval.metrics.catalogue import METRICS
from eval.metrics.statistics import Estimate
from eval.report.comparison import Difference, comparable_questions, paired_differences, scores_of
from eval.report.slices import Slice, parse_slice
from eval.report.summary import estimate_metrics
from eval.runs.files import Run
from eval.types import Question

_ROUNDING = 1e-9  # a mean of 0.8 may be stored as 0.7999999999999999


class Verdict(Enum):
    """The verdict of a rule on a run."""

    PASSED = "passed"
    INCONCLUSIVE = "inconclusive"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class Rule:
    """A bound on one metric in one slice.

    limit: the maximum where lower is better, else the minimum. largest_loss: how much worse than the
    baseline the metric may be: a rise where lower is better, else a drop. Either may be None, not both.
    """

    metric: str
    part: Slice | None
    limit: float | None
    largest_loss: float | None

    @property
    def lower_is_better(self) -> bool:
        """Whether lower values of the metric are better."""
        return METRICS[self.metric].lower_is_better


@dataclass(frozen=True, slots=True)
class Check:
    """One bound of a rule applied to a run. reason: the verdict in words."""

    metric: str
    part: str
    n: int
    value: float
    bound: str
    verdict: Verdict
    reason: str


def load_gate(path: Path) -> list[Rule]:
    """Load the rules of the file, in order. Raises BadGate naming the invalid table.

    TOML: a table, or an array of tables, for each metric, with `least` and `largest_drop` (`most` and
    `largest_rise` where lower is better) and `slice`, as in "lang=ko".
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadGate(f"{path}: no such file; write the rules there, or name another with --gate") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadGate(f"{path}: cannot be read as TOML ({error})") from error
    rules = [
        _rule(f"{path}, [{metric}]", metric, table)
        for metric, tables_of_metric in tables.items()
        for table in (tables_of_metric if isinstance(tables_of_metric, list) else [tables_of_metric])
    ]
    if not rules:
        raise BadGate(f"{path}: holds no rule; write, for instance, [expected] and below it least = 0.8")
    return rules


def check_run(rules: Sequence[Rule], run: Run, baseline: Run | None = None) -> list[Check]:
    """Check each bound of each rule against the run, in the order of the rules.

    A metric beyond its limit is a regression. One worse than the baseline by more than allowed is a
    regression if the 95 % interval of the difference excludes 0, else inconclusive.
    Raises BadGate for a slice without questions, a metric that the run lacks, or a largest loss without a
    baseline; NotComparable for a baseline of another set; IncompleteRun.
    """
    scores = scores_of(run)
    if baseline is not None:
        comparable_questions(baseline, run)
        scores_of(baseline)
    checks = []
    for rule in rules:
        questions = [q for q in run.questions if rule.part is None or rule.part.holds(q)]
        if not questions:
            raise BadGate(f"[{rule.metric}]: no question of {run.folder} is in the slice {rule.part}")
        if rule.limit is not None:
            estimate = estimate_metrics(questions, scores, [rule.metric]).get(rule.metric)
            if estimate is None:
                raise BadGate(_nothing_to_check(rule, run))
            checks.append(_check_limit(rule, rule.limit, estimate))
        if rule.largest_loss is not None:
            if baseline is None:
                raise BadGate(
                    f"[{rule.metric}]: a largest {_loss(rule)} is counted from another run; name that with "
                    "--baseline"
                )
            checks.append(_check_loss(rule, rule.largest_loss, questions, run, baseline))
    return checks


def passes(checks: Sequence[Check], *, strict: bool = False) -> bool:
    """Return whether no check is a regression or, if `strict`, inconclusive."""
    failing = {Verdict.REGRESSION, Verdict.INCONCLUSIVE} if strict else {Verdict.REGRESSION}
    return not any(check.verdict in failing for check in checks)


def _rule(where: str, metric: str, table: Any) -> Rule:
    if metric not in METRICS:
        raise BadGate(f"{where}: no such metric; there are {', '.join(METRICS)}")
    if not isinstance(table, Mapping):
        raise BadGate(f"{where}: is no table; write [{metric}] and below it, for instance, least = 0.8")
    lower = METRICS[metric].lower_is_better
    limit, loss = ("most", "largest_rise") if lower else ("least", "largest_drop")
    unknown = [key for key in table if key not in (limit, loss, "slice")]
    if unknown:
        raise BadGate(f"{where}: {unknown[0]!r} is not known; {metric} has {limit}, {loss} and slice")
    numbers = {key: _number(where, key, table[key]) for key in (limit, loss) if key in table}
    if not numbers:
        raise BadGate(f"{where}: says nothing to check; give {limit} or {loss}")
    if numbers.get(loss, 0.0) < 0:
        raise BadGate(f"{where}: {loss} is {numbers[loss]:g}, but must be 0 or more")
    return Rule(metric, _part(where, table), numbers.get(limit), numbers.get(loss))


def _number(where: str, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or isnan(value):
        raise BadGate(f"{where}: {key} is {value!r}, but must be a number")
    return float(value)


def _part(where: str, table: Mapping[str, Any]) -> Slice | None:
    if "slice" not in table:
        return None
    try:
        return parse_slice(str(table["slice"]))
    except ValueError as error:
        raise BadGate(f"{where}: {error}") from error


def _check_limit(rule: Rule, limit: float, estimate: Estimate) -> Check:
    if rule.lower_is_better:
        holds, bound, beyond = estimate.mean <= limit + _ROUNDING, f"most {limit:g}", "above"
    else:
        holds, bound, beyond = estimate.mean >= limit - _ROUNDING, f"least {limit:g}", "below"
    return Check(
        rule.metric,
        str(rule.part or "all"),
        estimate.n,
        estimate.mean,
        bound,
        Verdict.PASSED if holds else Verdict.REGRESSION,
        "as wanted" if holds else f"{beyond} by {abs(estimate.mean - limit):.3f}",
    )


def _check_loss(rule: Rule, allowed: float, questions: Sequence[Question], run: Run, baseline: Run) -> Check:
    found = paired_differences(questions, scores_of(baseline), scores_of(run), [rule.metric])
    if not found:
        raise BadGate(_nothing_to_check(rule, run))
    (difference,) = found
    verdict, reason = _judge_loss(rule, allowed, difference)
    return Check(
        rule.metric,
        str(rule.part or "all"),
        difference.difference.n,
        difference.candidate,
        f"largest {_loss(rule)} {allowed:g} from {difference.base:.3f}",
        verdict,
        reason,
    )


def _judge_loss(rule: Rule, allowed: float, difference: Difference) -> tuple[Verdict, str]:
    change = difference.difference
    loss = change.mean if rule.lower_is_better else -change.mean
    if loss <= allowed + _ROUNDING:
        return Verdict.PASSED, f"changed by {change.mean:+.3f}"
    if change.interval is None:
        return Verdict.INCONCLUSIVE, f"changed by {change.mean:+.3f}; one document is too few to tell chance"
    low, high = change.interval.low, change.interval.high
    reason = f"changed by {change.mean:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}"
    if low <= 0 <= high:
        return Verdict.INCONCLUSIVE, f"{reason}: may be chance"
    return Verdict.REGRESSION, reason


def _loss(rule: Rule) -> str:
    return "rise" if rule.lower_is_better else "drop"


def _nothing_to_check(rule: Rule, run: Run) -> str:
    where = f" in the slice {rule.part}" if rule.part else ""
    return f"[{rule.metric}]: no question of {run.folder} has this metric{where}"
