"""The request for one evaluation run."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunRequest:
    """The questions to ask, how to ask them, and the folder for the results.

    limit: maximum number of questions, taken from the start. tags: only questions with any of these.
    collections: those searched, all if empty. timeout_s: per question.
    """

    set_path: Path
    folder: Path
    resume: bool = False
    limit: int | None = None
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    retrieval_only: bool = False
    timeout_s: float | None = None
