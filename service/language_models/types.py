"""Define the interface of every language model: messages to text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from prompts.render import Message

# Called for every token, or several times a second while none arrives; raising aborts the generation.
Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """The input of a language model: messages, the first of which may be fixed, and a token limit."""

    messages: Sequence[Message]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Generation:
    """The generated text and its cost. first_token_ms counts from the call, waiting included.

    finished: whether the model ended its turn itself.
    """

    text: str
    prompt_tokens: int
    cached_prompt_tokens: int
    completion_tokens: int
    first_token_ms: float
    finished: bool = True


class Generator(Protocol):
    """A language model that continues a conversation, deterministically."""

    @property
    def name(self) -> str:
        """Name of the model, for messages and reports."""

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Evaluate the fixed first messages of coming prompts in advance, where that saves time."""

    def generate(self, request: GenerationRequest, check: Check = lambda: None) -> Generation:
        """Generate the next turn, greedily.

        Raises GenerationFailed when the messages do not fit the model's context, or the model fails.
        """
