"""The events of an OpenAI-compatible chat completion, each as what it adds to the answer. Pure."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one event adds. alive: whether the model wrote anything, be it only thoughts that are not shown.

    log_probabilities: of its tokens, natural logarithms. usage: as the server counts, empty if it does not.
    """

    text: str = ""
    alive: bool = False
    finished: bool = False
    log_probabilities: tuple[float, ...] = ()
    usage: Mapping[str, Any] = field(default_factory=dict)


def read_chunk(data: str) -> Chunk:
    """The chunk of an event's data. Raises ValueError, saying what is wrong with it."""
    if data == DONE:
        return Chunk(finished=True)
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("an event is no JSON") from None
    if not isinstance(event, dict):
        raise ValueError("an event is no JSON object")
    if event.get("error"):
        error = event["error"]
        said = error.get("message") if isinstance(error, dict) else error
        raise ValueError(f"it reports: {' '.join(str(said).split())[:300]}")
    usage = event.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    choices = event.get("choices")
    if not isinstance(choices, list) or (choices and not isinstance(choices[0], dict)):
        raise ValueError("an event has no choices")
    if not choices:
        return Chunk(usage=usage)
    delta = choices[0].get("delta")
    delta = delta if isinstance(delta, dict) else {}
    text = delta.get("content") or ""
    if not isinstance(text, str):
        raise ValueError("an event's content is no text")
    return Chunk(
        text=text.encode("utf-8", "replace").decode(),  # half a character cannot be stored
        alive=bool(text or delta.get("reasoning_content") or delta.get("reasoning")),
        finished=bool(choices[0].get("finish_reason")),
        log_probabilities=_log_probabilities(choices[0].get("logprobs")),
        usage=usage,
    )


def _log_probabilities(logprobs: object) -> tuple[float, ...]:
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    values = (token.get("logprob") for token in content or () if isinstance(token, dict))
    return tuple(float(value) for value in values if isinstance(value, int | float) and math.isfinite(value))
