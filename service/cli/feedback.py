"""`inyong feedback`: readers' ratings of the service's answers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from service.cli.options import Home, read_settings
from service.cli.output import note, say

app = typer.Typer(
    name="feedback",
    help="What readers thought of the service's answers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """Make `export` a subcommand: typer would merge an only command into the app."""


@app.command()
def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="File for the questions rated up.")],
    down: Annotated[
        Path | None, typer.Option("--down", help="File for those rated down, to be corrected by hand.")
    ] = None,
    home: Home = None,
) -> None:
    """Write rated answers as a question set for `inyong eval`, one question per line."""
    from service.errors import AnsweringError
    from service.storage.answers import Archive
    from service.storage.rated_answers import as_corrections, as_questions

    settings = read_settings(home).settings
    archive = Archive(settings.home, settings.answer_days)
    rated = list(archive.rated())
    archive.close()
    questions, corrections = as_questions(rated), as_corrections(rated)
    if not questions and not (down and corrections):
        raise AnsweringError(f"{settings.home}: no answer is rated up, so there is nothing to write")
    if questions:
        _write_lines(output, questions)
        say(f"{output}: {len(questions)} questions; next: inyong eval check {output} --docs FOLDER")
    if down and corrections:
        _write_lines(down, corrections)
        say(f"{down}: {len(corrections)} answers to correct")
    elif corrections:
        note(f"{len(corrections)} answers rated down are left out; write them with --down FILE")


def _write_lines(path: Path, values: Sequence[dict[str, Any]]) -> None:
    """Write one JSON object per line, atomically."""
    import json
    import os

    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(
            "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values), encoding="utf-8"
        )
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
