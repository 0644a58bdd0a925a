"""Output of commands: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from service.cli.doctor import Check


# Text of documents, file names and models may hold terminal control sequences; show them, never send them.
_CONTROLS = (
    {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"}
    | {0x7F: "\u2421"}
    | dict.fromkeys(range(0x80, 0xA0), "\ufffd")
)


def complain(message: str) -> None:
    """Print an error on standard error."""
    sys.stderr.write(f"inyong: {visible(message)}\n")


def note(message: str) -> None:
    """Print a note for the user on standard error."""
    sys.stderr.write(f"{visible(message)}\n")


def say(text: str = "") -> None:
    """Print one line of the result without buffering."""
    sys.stdout.write(f"{visible(text)}\n")
    sys.stdout.flush()


def visible(text: str) -> str:
    """Return the text with a symbol for every control character but tab and line feed."""
    return text.translate(_CONTROLS)


def say_json(value: Any) -> None:
    """Print the result as indented JSON."""
    say(json.dumps(value, ensure_ascii=False, indent=2))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """Print rows under headings: folded to fit a terminal, one line each in a file or pipe.

    right: columns to align right. Nothing is truncated, and cells are not parsed as markup.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in right else "left")
    for row in rows:
        table.add_row(*(Text(visible(_cell(value))) for value in row))
    Console(width=None if sys.stdout.isatty() else _NO_FOLDING).print(table)


_NO_FOLDING = 100_000


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "" if value is None else str(value)


def say_checks(checks: Iterable["Check"]) -> None:
    """Print checks, with advice where one failed; then raise typer.Exit(1)."""
    failed = False
    for check in checks:
        say(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.finding}")
        if not check.ok:
            failed = True
            say(f"     do: {check.advice}")
    if failed:
        raise typer.Exit(1)


@contextmanager
def progress_bar() -> Iterator["Progress"]:
    """Yield a progress bar on standard error, on a terminal only, removed when done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        yield bar


def one_line(text: str, max_chars: int = 0) -> str:
    """Return the text without line breaks, shortened with an ellipsis if longer (0: never)."""
    flat = " ".join(text.split())
    return f"{flat[: max_chars - 1]}…" if max_chars and len(flat) > max_chars else flat
