"""OpenAI's API: answers as chat completions, for any chat client; `rag` holds the evidence."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response

from service.answering.types import Request
from service.api.answers import index_version
from service.api.authentication import Asker
from service.api.backend import TheBackend
from service.api.chat_schemas import (
    END_OF_CHUNKS,
    MODEL,
    ChatBody,
    RagBody,
    chunk_event,
    completion_as_json,
    rag_as_json,
    sources_chunk,
    usage_as_json,
)
from service.api.examples import COMPLETION, COMPLETION_CHUNKS
from service.api.problems import Problem, describe_openai, problem_as_openai, problem_of
from service.api.streaming import EVENT, EVENT_STREAM, HEARTBEAT, AnswerStream, await_answer, unnamed_event
from service.question_queue.events import Done, Failed, Heartbeat, PassagesFound, Queued, QuoteFound
from service.question_queue.running import RunningQuestion, start_question
from service.storage.permissions import scope_for

router = APIRouter(prefix="/v1", tags=["chat"])

_COMPLETED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The completion, or with `stream` its chunks: the sources, the place in the queue "
        "as `rag.queue` when it has to wait, the text, and a last one with the whole `rag`.",
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": COMPLETION},
            EVENT_STREAM: {"schema": EVENT, "example": COMPLETION_CHUNKS},
        },
    }
}


@router.get("/models")
async def models(backend: TheBackend, caller: Asker) -> dict[str, Any]:
    """List the models in OpenAI's format: one, which answers from the documents."""
    return {"object": "list", "data": [_model(backend)]}


@router.get("/models/{name}", responses=describe_openai(404))
async def model(
    name: Annotated[str, Path(examples=[MODEL])], backend: TheBackend, caller: Asker
) -> dict[str, Any]:
    """Return one of the models."""
    _require_model(name)
    return _model(backend)


def _model(backend: TheBackend) -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": backend.started_at, "owned_by": MODEL}


def _require_model(name: str) -> None:
    """Raise Problem for any other model, rather than answer with this one in its place."""
    if name != MODEL:
        raise Problem(404, f"there is no model {name[:100]!r} here; use {MODEL!r}", parameter="model")


@router.post(
    "/chat/completions", responses=_COMPLETED | describe_openai(400, 404, 429, 503), response_class=Response
)
async def complete(body: ChatBody, backend: TheBackend, caller: Asker, http: HttpRequest) -> Response:
    """Answer the last message with citations.

    Sampling parameters (`temperature`, `top_p`, `seed`, …) are accepted and have no effect; those that would
    change the meaning of an answer (`tools`, `n` above 1, `response_format`, …) are rejected by name.
    System messages are accepted and ignored. Of the messages before the last, only the latest 20 are used.
    """
    _require_model(body.model)
    body.require_supported(backend.settings.answer_tokens)
    rag = body.rag or RagBody()
    scope = scope_for(caller, rag.collections, rag.filters)
    request = Request(body.question(), scope, rag.language, body.history(), k=rag.top_k)
    question = start_question(backend.dispatcher, request, caller)
    if body.stream:
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        version = partial(index_version, backend, caller)
        return AnswerStream(question, _chunks(question, version, with_usage=with_usage))
    answer = await await_answer(question, http)
    return JSONResponse(completion_as_json(answer, int(time.time()), await index_version(backend, caller)))


async def _chunks(
    question: RunningQuestion, version: Callable[[], Awaitable[Mapping[str, str]]], *, with_usage: bool
) -> AsyncIterator[bytes]:
    created = int(time.time())
    chunk = partial(chunk_event, question.id, created)
    async with aclosing(question.events()) as events:
        async for event in events:
            match event:
                case PassagesFound(passages):
                    yield sources_chunk(question.id, created, passages)
                case Queued(position):
                    yield chunk({}, rag={"queue": position})
                case QuoteFound():
                    pass  # the last chunk has all citations
                case Heartbeat():
                    yield HEARTBEAT
                case Failed(error):
                    yield unnamed_event(problem_as_openai(problem_of(error)))
                case Done(answer):
                    yield chunk({"content": answer.answer})
                    yield chunk({}, "stop", rag=rag_as_json(answer, await version()))
                    if with_usage:
                        yield chunk(None, usage=usage_as_json(answer.usage))
                    yield END_OF_CHUNKS
