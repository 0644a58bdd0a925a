"""One turn of llama.cpp while it is written."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.generate import OnText

_SHORTEST_CIRCLE, _LONGEST_CIRCLE = 4, 40  # tokens
_ROUNDS = 3


@dataclass(slots=True)
class Writing:
    """What is written so far, and how sure the model was of it."""

    prompt: list[int]
    opening: str
    on_text: OnText | None
    interrupted: threading.Event  # nobody waits for the text any more
    written: bytearray = field(default_factory=bytearray)
    tokens: list[int] = field(default_factory=list)
    first_token_at: float = 0.0
    first_confidence: float = 0.0
    _log_probabilities: float = 0.0
    _n_sent: int = 0

    def __post_init__(self) -> None:
        self.written += self.opening.encode()
        self._n_sent = len(self.opening)  # whoever gave it knows it

    @property
    def n_tokens(self) -> int:
        """How many tokens were written."""
        return len(self.tokens)

    def add(self, token: int, piece: bytes, log_probability: float) -> None:
        """Takes the next token, and passes on what is whole; half a character waits for the rest."""
        self.written += piece
        self.tokens.append(token)
        self.first_confidence = self.first_confidence or math.exp(log_probability)
        self._log_probabilities += log_probability
        text = self.text
        if self.on_text and len(text) > self._n_sent:
            self.on_text(text[self._n_sent :])
            self._n_sent = len(text)

    @property
    def text(self) -> str:
        """The whole characters, the opening included."""
        return self.written.decode("utf-8", "ignore")

    @property
    def confidence(self) -> float:
        """Geometric mean of the tokens' probabilities, 0 for none."""
        return math.exp(self._log_probabilities / self.n_tokens) if self.n_tokens else 0.0


def runs_in_a_circle(tokens: Sequence[int]) -> bool:
    """Whether the last tokens are the same few written over and over, which a greedy model does not leave."""
    return any(
        tokens[-length:] == tokens[-2 * length : -length] == tokens[-3 * length : -2 * length]
        for length in range(_SHORTEST_CIRCLE, min(_LONGEST_CIRCLE, len(tokens) // _ROUNDS) + 1)
    )
