"""Who is told while an answer is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.types import Hit
from service.types import Citation


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told while an answer is made: the passages once, then each checked statement and its citations.

    await_turn: called once before the language model is used; returns when it may be. on_progress: called
    whenever the model has written a piece, checked or not. Raising in any of them ends the answer.
    """

    on_passages: Callable[[Sequence[Hit]], None] = lambda hits: None
    await_turn: Callable[[], None] = lambda: None
    on_text: Callable[[str], None] = lambda text: None
    on_citation: Callable[[Citation], None] = lambda citation: None
    on_progress: Callable[[], None] = lambda: None
