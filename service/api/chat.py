"""POST /v1/chat/completions: OpenAI's schema, so that any chat client can ask; `rag` carries the evidence."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response

from index.types import Hit
from service.access import scope_for
from service.answer import Request
from service.api.asking import answer_of
from service.api.backend import TheBackend
from service.api.callers import CurrentCaller
from service.api.chat_bodies import ChatBody, RagBody
from service.api.examples import COMPLETION, COMPLETION_CHUNKS
from service.api.models import MODEL, require_model
from service.api.problem_schemas import describe_openai
from service.api.problems import problem_as_openai, problem_of
from service.api.streaming import EVENT, EVENT_STREAM, HEARTBEAT, AskingStream, unnamed_event
from service.api.versions import index_version
from service.asking import Asking, start_asking
from service.asking_events import Beat, Cited, Delta, Done, Failed, Found, Queued
from service.schemas import answer_as_json, hit_as_json
from service.types import Answer, Usage

router = APIRouter(prefix="/v1/chat", tags=["chat"])

_END = b"data: [DONE]\n\n"
_COMPLETED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The completion, or with `stream` its chunks: the sources, the place in the queue "
        "as `rag.queue` when it has to wait, the statements as they pass their checks, and a last one with "
        "the whole `rag`.",
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": COMPLETION},
            EVENT_STREAM: {"schema": EVENT, "example": COMPLETION_CHUNKS},
        },
    }
}


@router.post(
    "/completions", responses=_COMPLETED | describe_openai(400, 404, 429, 503), response_class=Response
)
async def complete(body: ChatBody, backend: TheBackend, caller: CurrentCaller, http: HttpRequest) -> Response:
    """The cited answer to the last message.

    Parameters that steer sampling (`temperature`, `top_p`, `seed`, …) are taken and have no effect; those
    that would change what an answer means (`tools`, `n` above 1, `response_format`, …) are refused by name.
    System messages are taken and not followed. Of the messages before the last, the latest 20 are looked at.
    """
    require_model(body.model)
    body.require_meant(backend.settings.answer_tokens)
    rag = body.rag or RagBody()
    request = Request(
        body.question(),
        scope_for(caller, rag.collections, rag.filters),
        rag.language,
        body.history(),
        k=rag.top_k,
    )
    asking = start_asking(backend.desk, request, caller)
    if body.stream:
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        version = partial(index_version, backend, caller)
        return AskingStream(asking, _chunks(asking, version, with_usage=with_usage))
    answer = await answer_of(asking, http)
    return JSONResponse(_completion(answer, await index_version(backend, caller)))


def _completion(answer: Answer, index: Mapping[str, str]) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.answer, "refusal": None}
    return {
        "id": answer.id,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _usage(answer.usage),
        "rag": _rag(answer, index),
    }


def _rag(answer: Answer, index: Mapping[str, str]) -> dict[str, Any]:
    """What stands behind an answer, in the same words as /v1/answers has. index: its version."""
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


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_prompt_tokens},
    }


async def _chunks(
    asking: Asking, version: Callable[[], Awaitable[Mapping[str, str]]], *, with_usage: bool
) -> AsyncIterator[bytes]:
    head = {
        "id": asking.id,
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": MODEL,
    }

    def chunk(delta: dict[str, Any], end: str | None = None, **further: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
        return unnamed_event({**head, "choices": [choice], **further})

    has_text = False
    async with aclosing(asking.events()) as events:
        async for event in events:
            match event:
                case Found(passages):
                    yield chunk({"role": "assistant", "content": ""}, rag={"sources": _sources(passages)})
                case Queued(position):
                    yield chunk({}, rag={"queue": position})
                case Delta(text):
                    has_text = True
                    yield chunk({"content": text})
                case Cited():
                    pass  # the last chunk has all citations
                case Beat():
                    yield HEARTBEAT
                case Failed(error):
                    yield unnamed_event(problem_as_openai(problem_of(error)))
                case Done(answer):
                    if not has_text:
                        yield chunk({"content": answer.answer})
                    yield chunk({}, "stop", rag=_rag(answer, await version()))
                    if with_usage:
                        yield unnamed_event({**head, "choices": [], "usage": _usage(answer.usage)})
                    yield _END


def _sources(passages: tuple[Hit, ...]) -> list[dict[str, Any]]:
    return [hit_as_json(hit) for hit in passages]
