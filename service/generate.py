"""Messages to text: what the service asks of a language model, whichever it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from prompts.render import Message


@dataclass(frozen=True, slots=True)
class Generation:
    """What the model wrote, and what it cost. first_token_ms counts from the call, waiting included.

    confidence: geometric mean of the probabilities the model gave to its tokens, in [0, 1], None where they
    are not known; that of the first alone is first_confidence.
    """

    text: str
    prompt_tokens: int
    cached_prompt_tokens: int
    completion_tokens: int
    first_token_ms: float
    confidence: float | None = None
    first_confidence: float = 0.0


Allowed = Callable[[str], bool]  # whether a text may be what is written so far
# Is given each piece as it is written, and "" now and then while none comes; raising ends the writing.
OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What a language model is to write.

    opening: how the turn has to begin; part of the text, but not of what is passed on as it is written.
    allowed: of the likeliest next tokens the first that keeps the text allowed is taken, or the likeliest
    where none does. session: whom it is for, by identity: what was read within a session may be gone on from
    in it. Beyond the fixed first messages nothing that was read for one serves another.
    """

    messages: Sequence[Message]
    max_tokens: int
    opening: str = ""
    allowed: Allowed | None = None
    session: object | None = None


class Generator(Protocol):
    """A language model that continues a conversation, deterministically."""

    @property
    def name(self) -> str:
        """The model as people call it."""

    def count_tokens(self, text: str) -> int:
        """How many tokens the text is to this model."""

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Reads the fixed first messages of coming prompts ahead of time, where that saves time."""

    def generate(self, request: GenerationRequest, on_text: OnText | None = None) -> Generation:
        """The model's next turn, greedy.

        Raises GenerationFailed when the messages do not fit the model's context, or the model fails.
        """
