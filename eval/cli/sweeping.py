"""The command that sweeps over combinations of settings."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import Embedding, Llm, read_settings
from service.cli.output import note, progress_bar, say, say_table

if TYPE_CHECKING:
    from eval.runs.grid import Point
    from eval.runs.run import Tally
    from eval.runs.sweep import Sweep
    from index.indexing.progress import Progress

_RUNS = Path("runs")
_TIMEOUT_S = 120.0
_METRIC, _RETRIEVAL_METRIC = "overall", "ndcg_at_5"


def sweep(
    questions: Annotated[Path, typer.Argument(metavar="SET", help="Question set.")],
    docs: Annotated[list[Path], typer.Option("--docs", help="File or folder to ask about; repeatable.")],
    grid_file: Annotated[
        Path | None, typer.Option("--grid", metavar="FILE", help="TOML: each setting with its values.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=V1,V2", help="A setting and its values.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("-o", metavar="DIR", help="Folder of the sweep; one begun is gone on with.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="What decides (overall; ndcg_at_5 for searches).")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=2, help="Only the first so many questions.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="Only questions with this tag; repeatable.")
    ] = None,
    retrieval_only: Annotated[
        bool, typer.Option("--retrieval-only", help="Search without answering; needs no language model.")
    ] = False,
    timeout_s: Annotated[float, typer.Option(min=0.001, help="Longest time for a question.")] = _TIMEOUT_S,
    embedding: Embedding = None,
    llm: Llm = None,
) -> None:
    """Try every combination of some settings: choose on half of the questions, report on the other."""
    from eval.metrics.catalogue import METRICS
    from eval.runs.grid import make_points, parse_values, read_grid
    from eval.runs.request import RunRequest
    from eval.runs.sweep import Watcher
    from eval.runs.sweep import sweep as sweep_points

    metric = metric or (_RETRIEVAL_METRIC if retrieval_only else _METRIC)
    if metric not in METRICS or METRICS[metric].lower_is_better:
        usable = [name for name, known in METRICS.items() if not known.lower_is_better]
        raise typer.BadParameter(f"{metric!r} is no metric to choose by; there are {', '.join(usable)}")
    for path in docs:
        if not path.exists():
            raise typer.BadParameter(f"{path}: no such file or folder", param_hint="--docs")
    grid = read_grid(grid_file) if grid_file else {}
    grid |= dict(map(parse_values, values or []))
    points = make_points(grid, read_settings(None, embedding, llm).settings)
    folder = folder or _RUNS / f"{datetime.now():%Y%m%d-%H%M%S}-sweep-{questions.stem}"
    request = RunRequest(
        set_path=questions,
        folder=folder,
        limit=limit,
        tags=tuple(tag or ()),
        retrieval_only=retrieval_only,
        timeout_s=timeout_s,
    )
    try:
        with progress_bar() as bar:
            all_points = bar.add_task("Points", total=len(points))
            one = bar.add_task("", total=None)

            def start(number: int, total: int, point: "Point") -> None:
                bar.update(
                    all_points, completed=number - 1, description=f"{number} of {total}: {point.label}"
                )

            def ask(tally: "Tally") -> None:
                bar.update(one, completed=tally.done, total=tally.total, description=f"{tally.right} right")

            def index(progress: "Progress") -> None:
                bar.update(
                    one,
                    completed=progress.files_done,
                    total=progress.files_total,
                    description=f"Indexing: {progress.passages_done} passages",
                )

            done = sweep_points(points, request, docs, metric, Watcher(start, ask, index, note))
    except KeyboardInterrupt:
        note(f"stopped; go on with the same command and: -o {folder}")
        raise
    _say_sweep(done, folder)


def _say_sweep(done: "Sweep", folder: Path) -> None:
    front = [id(outcome) for outcome in done.front]
    rows = []
    for outcome in sorted(done.outcomes, key=lambda outcome: -outcome.choosing.mean):
        interval = outcome.reporting.interval
        rows.append(
            (
                outcome.point.label,
                f"{outcome.choosing.mean:.3f}",
                f"{outcome.reporting.mean:.3f}",
                f"{interval.low:.3f} to {interval.high:.3f}" if interval else "unknown",
                f"{outcome.seconds:.2f}",
                f"{outcome.errors}",
                "best" if outcome is done.best else "front" if id(outcome) in front else "",
            )
        )
    numbers = ("choosing", "reporting", "seconds", "failed")
    say_table(("settings", *numbers[:2], "95 % interval", *numbers[2:], ""), rows, right=numbers)
    say()
    say(
        f"{done.metric}: chosen on {len(done.halves.choosing)} questions, reported on the other "
        f"{len(done.halves.reporting)}; front: no other is both better and faster"
    )
    say(f"written to {folder}")
