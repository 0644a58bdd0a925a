"""Notifications while an answer is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.types import Hit
from service.answering.types import Citation


@dataclass(frozen=True, slots=True)
class Listener:
    """Notified while an answer is made: of the passages, and of the quotes as soon as they are known.

    await_turn: called once before the language model is used; returns when it may be. on_progress: called
    for every token, or several times a second. Raising in any of them ends the answer, but for an
    AnswerTimeout once the quotes are known: they are the answer then.
    """

    on_passages: Callable[[Sequence[Hit]], None] = lambda hits: None
    await_turn: Callable[[], None] = lambda: None
    on_citation: Callable[[Citation], None] = lambda citation: None
    on_progress: Callable[[], None] = lambda: None
