"""What one run is asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to ask, and where to put it.

    limit: only the first so many questions. tags: only questions with one of these. collections: searched,
    all when empty. timeout_s: of one question.
    """

    set_path: Path
    folder: Path
    resume: bool = False
    limit: int | None = None
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    retrieval_only: bool = False
    timeout_s: float | None = None
