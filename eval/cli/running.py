"""Commands that ask a question set, and that score and report the results."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.options import Collections, Embedding, Home, Llm, read_settings
from service.cli.output import note, progress_bar, say, say_table

if TYPE_CHECKING:
    from eval.report.summary import Summary
    from eval.runs.request import RunRequest
    from eval.runs.run import Tally
    from eval.runs.score import ScoredRun
    from service.inyong import Inyong

_INCOMPLETE = 3
_RUNS = Path("runs")
_TIMEOUT_S = 120.0

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the run.")]
Cosine = Annotated[
    bool, typer.Option("--cosine", help="Also score the cosine of embeddings; loads the embedding model.")
]


def run(
    questions: Annotated[
        Path | None,
        typer.Argument(metavar="SET", help="Question set; left out: the sample set."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("-o", metavar="DIR", help="Folder of the run (runs/TIME-SET).")
    ] = None,
    docs: Annotated[
        list[Path] | None,
        typer.Option("--docs", help="Index this file or folder into a store of its own; repeatable."),
    ] = None,
    home: Home = None,
    collection: Collections = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many questions.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="Only questions with this tag; repeatable.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in -o.")] = False,
    retrieval_only: Annotated[
        bool, typer.Option("--retrieval-only", help="Search without answering; needs no language model.")
    ] = False,
    timeout_s: Annotated[float, typer.Option(min=0.001, help="Longest time for a question.")] = _TIMEOUT_S,
    cosine: Cosine = False,
    embedding: Embedding = None,
    llm: Llm = None,
) -> None:
    """Ask every question of a set and score the answers; exits with 0 even if answers are wrong."""
    from eval.runs.request import RunRequest
    from eval.runs.stores import bring_in_step, settings_for
    from service.inyong import Inyong

    if questions is None:
        if docs or home:
            raise typer.BadParameter("name the question set that goes with the documents", param_hint="SET")
        questions, docs = _sample()
    if docs and home:
        raise typer.BadParameter("give --docs or --home, not both: --docs makes a store of its own")
    if resume and folder is None:
        raise typer.BadParameter("name the run to go on with: --resume -o DIR", param_hint="--resume")
    folder = folder or _RUNS / f"{datetime.now():%Y%m%d-%H%M%S}-{questions.stem}"
    settings = read_settings(home, embedding, llm).settings
    if docs:
        _require_paths(docs)
        settings = settings_for(settings, docs, folder.parent)
    request = RunRequest(
        set_path=questions,
        folder=folder,
        resume=resume,
        limit=limit,
        tags=tuple(tag or ()),
        collections=tuple(collection or ()),
        retrieval_only=retrieval_only,
        timeout_s=timeout_s,
    )
    with Inyong(settings=settings, notify=note) as inyong:
        if docs:
            with _indexing() as report_progress:
                bring_in_step(inyong, docs, notify=note, report_progress=report_progress)
        _ask(inyong, request)
        scored = _score(folder, _embed_with(inyong) if cosine else None)
    say_summary(scored)


def score(folder: RunFolder, cosine: Cosine = False, embedding: Embedding = None) -> None:
    """Score a run again from its folder alone; exits with 3 if some questions were never asked."""
    from eval.runs.files import load_manifest

    load_manifest(folder)
    if cosine:
        from service.inyong import Inyong

        with Inyong(settings=read_settings(None, embedding).settings, notify=note) as inyong:
            scored = _score(folder, _embed_with(inyong))
    else:
        scored = _score(folder, None)
    say_summary(scored)
    _end_incomplete(scored)


def report(
    folder: RunFolder,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="RUN", help="Also show what changed since this run.")
    ] = None,
) -> None:
    """Write a run's report.html again, optionally with what changed since another run."""
    from eval.report.page import write_report
    from eval.runs.files import REPORT, load_run
    from eval.runs.score import score_folder

    before = load_run(baseline) if baseline else None
    scored = score_folder(folder)
    write_report(scored, before)
    say(f"written to {folder / REPORT}")
    _end_incomplete(scored)


def _sample() -> tuple[Path, list[Path]]:
    """Return the project's own question set and its documents."""
    folder = Path(__file__).parents[1] / "data" / "sample"
    return folder / "qa.jsonl", [folder / "docs"]


def _require_paths(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise typer.BadParameter(f"{path}: no such file or folder", param_hint="--docs")


@contextmanager
def _indexing() -> Iterator[Callable[[Any], None]]:
    from service.cli.documents import ProgressFollower

    with progress_bar() as bar:
        yield ProgressFollower(bar, "Indexing")


def _ask(inyong: "Inyong", request: "RunRequest") -> None:
    """Ask all questions under a progress bar."""
    from eval.runs.run import run_set

    try:
        with progress_bar() as bar:
            task = bar.add_task("Loading the models", total=None)

            def show(tally: "Tally") -> None:
                errors = f", {tally.errors} failed" if tally.errors else ""
                right = (
                    f"{tally.right} of {tally.judged} right{errors}" if tally.judged else f"Asking{errors}"
                )
                bar.update(task, completed=tally.done, total=tally.total, description=right)

            run_set(inyong, request, show)
    except KeyboardInterrupt:
        note(f"stopped; go on with the same command and: --resume -o {request.folder}")
        raise


def _embed_with(inyong: "Inyong") -> Callable[[Sequence[str]], Any]:
    """Return a function that embeds texts as questions, the model's prefix for symmetric comparisons."""

    def embed(texts: Sequence[str]) -> Any:
        import numpy as np

        embedder = inyong.embedder()
        return np.stack([embedder.embed_question(text) for text in texts])

    return embed


def _score(folder: Path, embed: Callable[[Sequence[str]], Any] | None) -> "ScoredRun":
    from eval.report.page import write_report
    from eval.runs.score import score_folder

    scored = score_folder(folder, embed=embed)
    write_report(scored)
    return scored


def _end_incomplete(scored: "ScoredRun") -> None:
    missing = scored.run.missing
    if missing:
        note(
            f"{scored.run.folder}: incomplete, {len(missing)} of {len(scored.run.questions)} questions were "
            f"never asked and score 0, the first is {missing[0]}; go on with: inyong eval run … --resume"
        )
        raise typer.Exit(_INCOMPLETE)


# What is printed

_SHOWN = (
    "overall",
    "expected",
    "forbidden_absent",
    "answered",
    "abstained_rightly",
    "exact_match",
    "char_f1",
    "word_f1",
    "rouge_l",
    "embedding_cosine",
    "verbatim",
    "citation_precision",
    "citation_recall",
    "gold_recall",
    "gold_document_cited",
    "recall_at_1",
    "recall_at_5",
    "recall_at_10",
    "mrr",
    "prompt_recall",
)


def say_summary(scored: "ScoredRun") -> None:
    """Print the run's summary and its folder."""
    summary = scored.summary
    say_table(
        ("metric", "value", "95 % interval", "n", "meaning"), _metric_rows(summary), right=("value", "n")
    )
    say()
    for line in _lines(summary):
        say(line)
    say()
    say(f"written to {scored.run.folder}")


def _metric_rows(summary: "Summary") -> Iterator[tuple[str, ...]]:
    from eval.metrics.catalogue import METRICS

    for name in _SHOWN:
        estimate = summary.metrics.get(name)
        if estimate is None:
            continue
        interval = estimate.interval
        yield (
            name,
            f"{estimate.mean:.3f}",
            f"{interval.low:.3f} to {interval.high:.3f}" if interval else "unknown",
            f"{estimate.n}",
            METRICS[name].meaning,
        )


def _lines(summary: "Summary") -> Iterator[str]:
    counts = summary.counts
    yield (
        f"{counts.questions} questions: {counts.answered} answered, {counts.withheld} withheld, "
        f"{counts.errors} failed" + (f" (of which {counts.missing} never asked)" if counts.missing else "")
    )
    for failure, count in counts.failures.items():
        yield f"  {count} {failure}"
    if "unsupported_numbers" in summary.totals:
        yield f"unsupported numbers shown: {summary.totals['unsupported_numbers']:.0f}"
    total = summary.cost.times_ms.get("total")
    if total:
        yield f"seconds a question: median {total.p50 / 1000:.2f}, 95th percentile {total.p95 / 1000:.2f}"
