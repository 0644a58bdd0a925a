"""Commands that compare a run with another or check it against a gate."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import AsJson
from service.cli.output import note, one_line, say, say_json, say_table

if TYPE_CHECKING:
    from eval.report.comparison import Change, Comparison, Difference

_MOST_CHANGES = 20
_ANSWER_CHARS = 300
_REGRESSION = 1
_NUMBERS = "base,cand,difference,n,p,p Holm,p McNemar,wins,ties,losses,could show".split(",")
_COLUMNS = [*_NUMBERS[:3], "95 % interval", *_NUMBERS[3:]]

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the run.")]


def compare(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="Folder of the run to compare with.")],
    candidate: Annotated[Path, typer.Argument(metavar="CAND", help="Folder of the run in question.")],
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", help="Compare this metric; repeatable. The first decides what changed."),
    ] = None,
    intersect: Annotated[
        bool, typer.Option("--intersect", help="Compare only the questions that are identical in both.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare two runs of one question set, question by question, with intervals and tests."""
    from eval.metrics.catalogue import HEADLINES
    from eval.report.comparison import compare_runs
    from eval.runs.files import load_run

    for name in metric or []:
        _require_metric(name)
    metrics = list(dict.fromkeys(metric or HEADLINES))
    comparison = compare_runs(load_run(base), load_run(candidate), metrics, intersect=intersect)
    if as_json:
        say_json(comparison.as_json())
        return
    _say_comparison(comparison)
    compared = {difference.metric for difference in comparison.differences}
    absent = [name for name in metrics if name not in compared]
    if absent:
        note(f"No question has these metrics in both runs: {', '.join(absent)}.")


def gate(
    run: RunFolder,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="RUN", help="Run that drops are counted from.")
    ] = None,
    gate_file: Annotated[Path, typer.Option("--gate", metavar="FILE", help="The rules.")] = Path("gate.toml"),
    strict: Annotated[
        bool, typer.Option("--strict", help="A drop that may be chance fails as well.")
    ] = False,
) -> None:
    """Check a run against rules; exits with 0 if passed, 1 regression, 2 bad input, 3 incomplete run."""
    from eval.report.gate import check_run, load_gate, passes
    from eval.runs.files import load_run

    rules = load_gate(gate_file)
    checks = check_run(rules, load_run(run), load_run(baseline) if baseline else None)
    say_table(
        ("metric", "slice", "n", "value", "rule", "verdict", "why"),
        [(c.metric, c.part, f"{c.n}", f"{c.value:.3f}", c.bound, c.verdict.value, c.reason) for c in checks],
        right=("n", "value"),
    )
    if not passes(checks, strict=strict):
        raise typer.Exit(_REGRESSION)


def _require_metric(name: str) -> None:
    from eval.metrics.catalogue import METRICS

    if name not in METRICS:
        raise typer.BadParameter(f"{name!r} is no metric; there are {', '.join(METRICS)}")


def _say_comparison(comparison: "Comparison") -> None:
    from eval.metrics.statistics import LEAST_CHANGED, N_PERMUTATIONS, N_RESAMPLES

    left_out = f", {comparison.n_left_out} left out as not identical" if comparison.n_left_out else ""
    say(f"{comparison.n_questions} questions{left_out}")
    if not comparison.same_documents:
        note("The two runs were asked of different documents.")
    say()
    say_table(
        ["metric", *_COLUMNS], [_row(difference) for difference in comparison.differences], right=_NUMBERS
    )
    say()
    say(
        f"interval: {N_RESAMPLES:,} resamples of documents; p: signs flipped by document, all ways or "
        f"{N_PERMUTATIONS:,}; could show: smallest difference found 4 times in 5"
    )
    few = [d.metric for d in comparison.differences if d.difference.n_clusters < LEAST_CHANGED]
    if few:
        say(f"too few documents for p to reach 0.05 (fewer than {LEAST_CHANGED}): {', '.join(few)}")
    one_sided = {d.metric: d.one_sided for d in comparison.differences if d.one_sided}
    if one_sided:
        say(f"in one run only, left out: {', '.join(f'{name} {n}' for name, n in one_sided.items())}")
    if comparison.manifests:
        say()
        rows = [(key, _short(b), _short(c)) for key, (b, c) in comparison.manifests.items()]
        say_table(("what differs", "base", "cand"), rows)
    _say_changes(comparison)


def _row(difference: "Difference") -> tuple[str, ...]:
    interval = difference.difference.interval
    return (
        difference.metric,
        f"{difference.base:.3f}",
        f"{difference.candidate:.3f}",
        f"{difference.difference.mean:+.3f}",
        f"{interval.low:+.3f} to {interval.high:+.3f}" if interval else "unknown",
        f"{difference.difference.n}",
        f"{difference.p_value:.4f}",
        f"{difference.p_holm:.4f}",
        "" if difference.p_mcnemar is None else f"{difference.p_mcnemar:.4f}",
        f"{difference.wins}",
        f"{difference.ties}",
        f"{difference.losses}",
        "unknown" if difference.detectable is None else f"{difference.detectable:.3f}",
    )


def _say_changes(comparison: "Comparison") -> None:
    metric = comparison.differences[0].metric
    for title, better in (("Lost", False), ("Won", True)):
        changes = [change for change in comparison.changes if change.better is better]
        if not changes:
            continue
        say()
        say(f"{title} ({metric}): {len(changes)}")
        for change in changes[:_MOST_CHANGES]:
            _say_change(change)
        if len(changes) > _MOST_CHANGES:
            say(f"  … and {len(changes) - _MOST_CHANGES} more; see them all with --json")


def _say_change(change: "Change") -> None:
    say(f"  {change.id}: {one_line(change.question, _ANSWER_CHARS)}")
    say(f"    base {change.base_score:.3f}: {one_line(change.base_answer, _ANSWER_CHARS)}")
    say(f"    cand {change.candidate_score:.3f}: {one_line(change.candidate_answer, _ANSWER_CHARS)}")


def _short(value: object) -> str:
    return "" if value is None else one_line(str(value), 60)
