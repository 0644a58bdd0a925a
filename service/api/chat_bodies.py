"""What may be sent to /v1/chat/completions: OpenAI's parameters, each taken or refused by name.

A parameter that could change what an answer means is never passed over in silence.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.api.bodies import (
    MAX_K,
    MAX_TURN_CHARS,
    MAX_TURNS,
    TURNS_USED,
    Body,
    Collections,
    Filters,
    Language,
)
from service.api.models import MODEL
from service.api.problems import Problem
from service.types import Turn

# How words are picked and how a request is booked; answers are always written the same way, so these
# cannot change what one means.
WITHOUT_EFFECT = frozenset(
    """temperature top_p seed user presence_penalty frequency_penalty metadata store service_tier
    safety_identifier prompt_cache_key prompt_cache_retention reasoning_effort verbosity prediction
    parallel_tool_calls""".split()
)
# Parameters that are fine while they ask for nothing that is not done here: whether they do, and the words.
_ONLY: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "n": (lambda value: value == 1 and value is not True, "there is one answer to a question; leave n out"),
    "stop": (lambda value: value == [], "an answer is never cut off at a word; leave stop out"),
    "logprobs": (lambda value: value is False, "probabilities of words are not given; leave logprobs out"),
    "top_logprobs": (lambda value: value == 0, "probabilities of words are not given; leave it out"),
    "logit_bias": (lambda value: value == {}, "words cannot be made likelier; leave logit_bias out"),
    "tools": (lambda value: value == [], "tools are not called here; leave tools out"),
    "tool_choice": (lambda value: value in ("none", "auto"), "tools are not called here; leave it out"),
    "functions": (lambda value: value == [], "functions are not called here; leave functions out"),
    "function_call": (lambda value: value in ("none", "auto"), "functions are not called here; leave it out"),
    "modalities": (lambda value: value == ["text"], "answers are text; leave modalities out"),
    "response_format": (
        lambda value: value == {"type": "text"},
        "answers are text; leave response_format out, and see `rag` in the response for JSON",
    ),
}
_LIMITS = ("max_tokens", "max_completion_tokens")


class Part(Body):
    """A part of a message; only text can be read."""

    type: Literal["text"]
    text: Annotated[str, StringConstraints(max_length=MAX_TURN_CHARS)]


class MessageBody(BaseModel):
    """A message of the conversation."""

    model_config = ConfigDict(extra="ignore", strict=True)  # a client sends back what it got, `rag` and all

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=MAX_TURN_CHARS)] | list[Part] | None = None

    def text(self) -> str:
        """The words of the message."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class RagBody(Body):
    """Where the answer is to be looked for, beside what OpenAI's schema has."""

    collections: Collections = Field(default=[], description="look only in these; empty: in all")
    filters: Filters = Field(default={}, description="only documents with this source, date or metadata")
    top_k: int | None = Field(default=None, ge=1, le=MAX_K, description="passages that may be read")
    language: Language | None = Field(default=None, description="of the answer; null: the question's own")


class StreamOptions(BaseModel):
    """How a stream ends."""

    model_config = ConfigDict(extra="ignore", strict=True)

    include_usage: bool | None = Field(default=False, description="a last chunk tells the tokens used")


class ChatBody(BaseModel):
    """A conversation whose last message is the question."""

    model_config = ConfigDict(extra="allow", strict=True)

    model: str = Field(max_length=200, examples=[MODEL])
    messages: list[MessageBody] = Field(
        min_length=1,
        max_length=MAX_TURNS,
        description="the last is the question; system messages are not followed",
        examples=[[{"role": "user", "content": "푸른숲 도서관 분관의 예산은 얼마인가요?"}]],
    )
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    rag: RagBody | None = None

    def question(self) -> str:
        """What is asked. Raises a Problem when the last message asks nothing."""
        last = self.messages[-1]
        if last.role != "user":
            raise Problem(
                422, f"the last message is from the {last.role}; it must be the user's", parameter="messages"
            )
        return last.text()

    def history(self) -> list[Turn]:
        """The latest turns before the question; instructions are not among them."""
        turns = [Turn(m.role, m.text()) for m in self.messages[:-1] if m.role in ("user", "assistant")]
        return turns[-TURNS_USED:]

    def require_meant(self, answer_tokens: int) -> None:
        """Raises a Problem for a parameter that asks for what is not done here.

        answer_tokens: how long an answer may become.
        """
        for whole_name, value in (self.model_extra or {}).items():
            name = whole_name[:100]
            if value is None or name in WITHOUT_EFFECT:
                continue
            if name in _LIMITS:
                _require_room(name, value, answer_tokens)
            elif name not in _ONLY:
                raise Problem(
                    422, f"{name[:100]}: no such parameter here; leave it out", parameter=name[:100]
                )
            elif not _ONLY[name][0](value):
                raise Problem(422, f"{name}: {_ONLY[name][1]}", parameter=name)


def _require_room(name: str, value: Any, answer_tokens: int) -> None:
    """Cutting an answer off would leave a statement without its end, so a lower limit is refused."""
    if not isinstance(value, int) or value < answer_tokens:
        raise Problem(
            422,
            f"{name}: answers have at most {answer_tokens} tokens and are not cut shorter; leave it out, or "
            "set answer_tokens of the service",
            parameter=name,
        )
