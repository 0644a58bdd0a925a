"""What commands print: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def complain(message: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"inyong: {message}\n")


def note(message: str) -> None:
    """Something a user may want to know, on standard error."""
    sys.stderr.write(f"{message}\n")


def say(text: str = "") -> None:
    """One line of the result."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_json(value: Any) -> None:
    """The result as JSON, readable by people too."""
    say(json.dumps(value, ensure_ascii=False, indent=2))


def console() -> "Console":
    """Standard output for tables; markup is off because document text may look like it."""
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False)


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
