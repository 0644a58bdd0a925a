"""What commands print: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress


# Text of documents, file names and models may hold commands to a terminal; they are shown, not sent.
_CONTROLS = (
    {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"}
    | {0x7F: "\u2421"}
    | dict.fromkeys(range(0x80, 0xA0), "\ufffd")
)


def complain(message: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"inyong: {visible(message)}\n")


def note(message: str) -> None:
    """Something a user may want to know, on standard error."""
    sys.stderr.write(f"{visible(message)}\n")


def say(text: str = "") -> None:
    """One line of the result."""
    write(f"{text}\n")


def write(text: str) -> None:
    """A piece of the result, at once."""
    sys.stdout.write(visible(text))
    sys.stdout.flush()


def visible(text: str) -> str:
    """The text with a picture in the place of every control character but tab and line feed."""
    return text.translate(_CONTROLS)


def say_json(value: Any) -> None:
    """The result as JSON, readable by people too."""
    say(json.dumps(value, ensure_ascii=False, indent=2))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Rows under headings: folded to fit a terminal, one line each in a file or pipe.

    right: columns of numbers. Nothing is cut off and nothing in a cell is read as markup.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in right else "left")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else _NO_FOLDING).print(table)


_NO_FOLDING = 100_000


@contextmanager
def progress_bar() -> Iterator["Progress"]:
    """A progress bar on standard error, on a terminal only, gone when done."""
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


def one_line(text: str, most: int = 0) -> str:
    """The text without line breaks, shortened with an ellipsis when longer than `most` (0: never)."""
    flat = " ".join(text.split())
    return f"{flat[: most - 1]}…" if most and len(flat) > most else flat
