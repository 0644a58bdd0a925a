"""Who is told while an answer is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.types import Hit


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told while an answer is made: the passages once, then each checked statement.

    on_progress: called whenever the model has written a piece, checked or not. Raising ends the answer.
    """

    on_passages: Callable[[Sequence[Hit]], None] = lambda hits: None
    on_text: Callable[[str], None] = lambda text: None
    on_progress: Callable[[], None] = lambda: None
