"""A language model on an OpenAI-compatible server: a Generator over HTTP.

The sentences of a prompt leave this machine for that server. What comes back is checked by the same
grounding as a local model's words.
"""

import math
import re
import time
from collections.abc import Mapping, Sequence

from prompts.render import Message, load_template
from service.breaker import Breaker
from service.completions import Completions, Limits, Reply
from service.errors import GenerationFailed, ServerUnavailable
from service.generate import Generation, GenerationRequest, OnText
from service.language import answer_language
from service.llm_server import LlmServer

# Tokens a character, fitted to Qwen2.5's on the sample documents: in sum within 1 %, 9 of 10 sentences
# within 17 %. Hangul, Latin letters, digits, everything else but spaces.
_TOKENS_A_CHAR = (
    (re.compile(r"[가-힣]"), 0.95),
    (re.compile(r"[A-Za-z]"), 0.22),
    (re.compile(r"[0-9]"), 1.5),
    (re.compile(r"[^가-힣A-Za-z0-9\s]"), 0.85),
)
# How servers are made to go on with an assistant's message: vLLM by these fields, llama.cpp's by itself.
_WAYS_TO_CONTINUE: tuple[Mapping[str, object], ...] = (
    {"continue_final_message": True, "add_generation_prompt": False},
    {},
)
# A message that stops within a word: only a server that goes on with it writes the word's other half.
_HALF_SAID = (Message("user", "Say exactly: Hello world"), Message("assistant", "Hello wor"))
_OTHER_HALF = "ld"


class RemoteGenerator:
    """A Generator over one server.

    `allowed` cannot be told to a server, so its words are not held to those of the sentences while it
    writes; grounding alone decides what is shown. For the same reason first_confidence is always 1: asking
    again under another `allowed` would bring the same text. confidence is None where the server
    gives no probabilities. count_tokens is an estimate, so that no sentence costs a request. An opening
    is continued by servers that can; the others are asked in words for the rest, and what they repeat is cut.
    """

    def __init__(
        self,
        server: LlmServer,
        *,
        key: str | None = None,
        limits: Limits | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        """Connects to nothing yet. key: sent as a bearer token, to this server only."""
        self._name = server.name
        self._completions = Completions(server, key, limits or Limits(), breaker or Breaker())
        self._way_to_continue: Mapping[str, object] | None = None
        self._probed = False

    @property
    def name(self) -> str:
        """The model as it was asked for."""
        return self._name

    def count_tokens(self, text: str) -> int:
        """About how many tokens the text is to a model that knows Korean."""
        return math.ceil(sum(len(kind.findall(text)) * tokens for kind, tokens in _TOKENS_A_CHAR))

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Does nothing: servers keep the beginnings of prompts by themselves."""

    def generate(self, request: GenerationRequest, on_text: OnText | None = None) -> Generation:
        """The model's next turn; see Generator. Raises ServerUnavailable, GenerationFailed."""
        began = time.monotonic()
        if not request.opening:
            reply = self._completions.complete(request.messages, request.max_tokens, on_text)
        else:
            begun = [*request.messages, Message("assistant", request.opening)]
            reply = self._continue(begun, request.max_tokens, on_text)
        counted = sum(self.count_tokens(message.content) for message in request.messages)
        return Generation(
            text=request.opening + reply.text,
            prompt_tokens=_count(reply.usage, "prompt_tokens", counted),
            cached_prompt_tokens=0,  # what a server kept tells of other callers' questions
            completion_tokens=_count(reply.usage, "completion_tokens", reply.n_pieces),
            first_token_ms=((reply.first_at or time.monotonic()) - began) * 1000,
            confidence=reply.confidence,
            first_confidence=1.0,
        )

    def _continue(self, messages: Sequence[Message], max_tokens: int, on_text: OnText | None) -> Reply:
        """What follows the last message, an assistant's."""
        if not self._probed:
            self._way_to_continue = self._find_way_to_continue(on_text)
            self._probed = True
        if self._way_to_continue is not None:
            return self._completions.complete(messages, max_tokens, on_text, self._way_to_continue)
        opening = messages[-1].content
        asking = load_template("continue", answer_language(opening)).last
        # What it repeats is known only at the end.
        reply = self._completions.complete([*messages, asking], max_tokens, _without_words(on_text))
        reply.text = joined_to(opening, reply.text)
        if on_text and reply.text:
            on_text(reply.text)
        return reply

    def _find_way_to_continue(self, on_text: OnText | None) -> Mapping[str, object] | None:
        """The fields that make this server go on with a message; None when it cannot. Asked once."""
        beat_only = _without_words(on_text)
        for fields in _WAYS_TO_CONTINUE:
            try:
                reply = self._completions.complete(_HALF_SAID, 4, beat_only, fields)
            except ServerUnavailable:
                raise
            except GenerationFailed:  # it refuses what it does not know
                continue
            if reply.text.startswith(_OTHER_HALF):
                return fields
        return None


def _without_words(on_text: OnText | None) -> OnText | None:
    """Lets the listener end the writing, and hear none of it."""
    return (lambda piece: on_text("")) if on_text else None


def joined_to(opening: str, text: str) -> str:
    """The text without what it repeats of the opening, a space before it where two words would touch."""
    longest = min(len(opening), len(text))
    repeated = next((n for n in range(longest, 1, -1) if opening.endswith(text[:n])), 0)
    if not repeated and text.lstrip().startswith(opening.strip()):
        repeated = text.index(opening.strip()) + len(opening.strip())
    rest = text[repeated:]
    glued = rest[:1].isalnum() and opening[-1:].isalnum()
    return f" {rest}" if glued and not repeated else rest


def _count(usage: Mapping[str, object], name: str, otherwise: int) -> int:
    """A count that the server gives, or ours."""
    value = usage.get(name)
    return value if isinstance(value, int) and value >= 0 else otherwise
