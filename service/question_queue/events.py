"""Progress events of a running question, in the order in which they occur."""

from dataclasses import dataclass

from index.types import Hit
from service.answering.types import Answer, Citation


@dataclass(frozen=True, slots=True)
class PassagesFound:
    """The search hits, once; only a follow-up may be queued before them."""

    passages: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class QuoteFound:
    """One quote of the evidence, before the answer is phrased."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Queued:
    """The place in the queue, from 1, whenever it changes."""

    position: int


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer; the last event."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """The error in place of an answer; the last event."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Nothing else has happened for a while."""


Event = PassagesFound | QuoteFound | Queued | Done | Failed | Heartbeat
