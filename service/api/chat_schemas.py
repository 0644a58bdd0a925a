"""OpenAI's JSON: the request body, whose parameters are accepted or rejected by name, and completions.

A parameter that could change the meaning of an answer is never ignored silently.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from index.types import Hit
from service.answering.types import Answer, Turn, Usage
from service.api.bodies import (
    EXAMPLE_QUESTION,
    MAX_TURN_CHARS,
    MAX_TURNS,
    TURNS_USED,
    Body,
    Collections,
    Filters,
    Language,
    PassagesRead,
)
from service.api.problems import Problem
from service.api.streaming import unnamed_event
from service.schemas import answer_as_json, hit_as_json

MODEL = "inyong"  # the one that clients may name

# Sampling and accounting. Answers are always generated the same way, so these cannot change their meaning.
WITHOUT_EFFECT = frozenset(
    """temperature top_p seed user presence_penalty frequency_penalty metadata store service_tier
    safety_identifier prompt_cache_key prompt_cache_retention reasoning_effort verbosity prediction
    parallel_tool_calls""".split()
)
# Parameters that are accepted only with values that request nothing unsupported: the test and the reason.
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
    """A part of a message; only text is supported."""

    type: Literal["text"]
    text: Annotated[str, StringConstraints(max_length=MAX_TURN_CHARS)]


class MessageBody(BaseModel):
    """A message of the conversation."""

    model_config = ConfigDict(extra="ignore", strict=True)  # clients send back whole replies, `rag` included

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=MAX_TURN_CHARS)] | list[Part] | None = None

    def text(self) -> str:
        """Return the text of the message."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class RagBody(Body):
    """The scope of the search, an extension of OpenAI's schema."""

    collections: Collections = Field(default=[])
    filters: Filters = Field(default={})
    top_k: PassagesRead = None
    language: Language = None


class StreamOptions(BaseModel):
    """Options for the end of a stream."""

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
        examples=[[{"role": "user", "content": EXAMPLE_QUESTION}]],
    )
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    rag: RagBody | None = None

    def question(self) -> str:
        """Return the question. Raises Problem when the last message is not the user's."""
        last = self.messages[-1]
        if last.role != "user":
            raise Problem(
                422, f"the last message is from the {last.role}; it must be the user's", parameter="messages"
            )
        return last.text()

    def history(self) -> list[Turn]:
        """Return the latest turns before the question, without instructions."""
        turns = [Turn(m.role, m.text()) for m in self.messages[:-1] if m.role in ("user", "assistant")]
        return turns[-TURNS_USED:]

    def require_supported(self, answer_tokens: int) -> None:
        """Raise Problem for an unsupported parameter or value.

        answer_tokens: maximum length of an answer.
        """
        for whole_name, value in (self.model_extra or {}).items():
            name = whole_name[:100]
            if value is None or name in WITHOUT_EFFECT:
                continue
            if name in _LIMITS:
                is_supported = isinstance(value, int) and value >= answer_tokens
                reason = (
                    f"answers have at most {answer_tokens} tokens and are not cut shorter; leave it out, or "
                    "set answer_tokens of the service"
                )
            elif name in _ONLY:
                accepts, reason = _ONLY[name]
                is_supported = accepts(value)
            else:
                is_supported, reason = False, "no such parameter here; leave it out"
            if not is_supported:
                raise Problem(422, f"{name}: {reason}", parameter=name)


def completion_as_json(answer: Answer, created: int, index: Mapping[str, str]) -> dict[str, Any]:
    """Return the completion in OpenAI's schema. created: seconds since 1970; index: its version."""
    message = {"role": "assistant", "content": answer.answer, "refusal": None}
    return {
        "id": answer.id,
        "object": "chat.completion",
        "created": created,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": usage_as_json(answer.usage),
        "rag": rag_as_json(answer, index),
    }


def rag_as_json(answer: Answer, index: Mapping[str, str]) -> dict[str, Any]:
    """Return the evidence for an answer, as in /v1/answers. index: version of the index."""
    whole = answer_as_json(answer)
    return {
        "abstained": whole["abstained"],
        "reason": whole["abstain_reason"],
        "confidence": whole["confidence"],
        "uncertain": whole["uncertain"],
        "sources": whole["passages"],
        "citations": whole["citations"],
        "grounding": whole["grounding"],
        "versions": {**index, **whole["models"]},
    }


def usage_as_json(usage: Usage) -> dict[str, Any]:
    """Return the tokens used, in OpenAI's schema."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_prompt_tokens},
    }


END_OF_CHUNKS = b"data: [DONE]\n\n"


def chunk_event(
    ident: str, created: int, delta: Mapping[str, Any] | None, end: str | None = None, **further: Any
) -> bytes:
    """Return one chunk of a streamed completion as an event. delta: None for a chunk without a choice."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
    return unnamed_event(
        {
            "id": ident,
            "object": "chat.completion.chunk",
            "created": created,
            "model": MODEL,
            "choices": [] if delta is None else [choice],
            **further,
        }
    )


def sources_chunk(ident: str, created: int, passages: Sequence[Hit]) -> bytes:
    """Return the first chunk, with the passages found."""
    sources = [hit_as_json(hit) for hit in passages]
    return chunk_event(ident, created, {"role": "assistant", "content": ""}, rag={"sources": sources})
