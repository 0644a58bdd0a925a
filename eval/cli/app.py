"""Register the evaluation commands, which are defined in the modules of their subjects."""

import typer

from eval.cli import comparing, importing, running, sweeping

app = typer.Typer(
    name="eval",
    help="Measure answers against a question set: run, score, compare, gate.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _common() -> None:
    """Measure answers against a question set: run, score, compare, gate."""


app.command("import")(importing.import_set)
app.command("check")(importing.check)
app.command("compare")(comparing.compare)
app.command("gate")(comparing.gate)
app.command("run")(running.run)
app.command("score")(running.score)
app.command("report")(running.report)
app.command("sweep")(sweeping.sweep)
