"""Progress and outcome of an indexing run."""

from dataclasses import dataclass, field
from enum import Enum


class Step(Enum):
    """Stage of an indexing run."""

    READING = "reading"
    EMBEDDING = "embedding"
    FINISHING = "finishing"


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a run: files processed, of how many, and passages embedded so far."""

    step: Step
    files_done: int
    files_total: int
    passages_done: int
    name: str = ""


@dataclass(slots=True)
class UpdateReport:
    """Outcome of a run by source name; `failed` and `skipped` with the reason."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    n_passages: int = 0
