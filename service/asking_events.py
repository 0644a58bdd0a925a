"""What happens to a question on its way to an answer, in this order, as those who wait are told."""

from dataclasses import dataclass

from index.types import Hit
from service.types import Answer, Citation


@dataclass(frozen=True, slots=True)
class Found:
    """The passages, once, before everything else."""

    passages: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Queued:
    """The place in the queue, from 1, whenever it changes."""

    position: int


@dataclass(frozen=True, slots=True)
class Delta:
    """A further checked statement of the answer, with its markers."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A new citation, behind the text that holds its marker."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer; the last event."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is none; the last event."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Beat:
    """Nothing has happened for a while."""


Event = Found | Queued | Delta | Cited | Done | Failed | Beat
