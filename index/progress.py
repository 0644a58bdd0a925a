"""How far an indexing run has come, and what it did."""

from dataclasses import dataclass, field
from enum import Enum


class Step(Enum):
    """What an indexing run is doing."""

    READING = "reading"
    EMBEDDING = "embedding"
    FINISHING = "finishing"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: files looked at, of how many, and passages embedded so far."""

    step: Step
    files_done: int
    files_total: int
    passages_done: int
    name: str = ""


@dataclass(slots=True)
class UpdateReport:
    """What a run did, by source name; `failed` and `skipped` with the reason."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    n_passages: int = 0
