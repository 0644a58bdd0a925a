"""POST /v1/answers: one question, its cited answer, whole or as it is written."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from itertools import count
from typing import Any

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response

from service.access import scope_for
from service.answer import Request
from service.api.asking import answer_of
from service.api.backend import TheBackend
from service.api.bodies import QuestionBody
from service.api.callers import CurrentCaller
from service.api.examples import ANSWER, ANSWER_EVENTS
from service.api.problem_schemas import describe
from service.api.problems import problem_as_json, problem_of
from service.api.streaming import EVENT, EVENT_STREAM, HEARTBEAT, AskingStream, named_event
from service.asking import Asking, start_asking
from service.asking_events import Beat, Cited, Delta, Done, Event, Failed, Found, Queued
from service.schemas import answer_as_json, hit_as_json

router = APIRouter(prefix="/v1", tags=["answers"])

_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer, or with `stream` its events: `sources`, `queue` with the place in the "
        "queue when it has to wait, `delta` and `citation` as statements pass their checks, and at last "
        "`done` with the answer or `error` with the problem. What was shown is never taken back.",
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": ANSWER},
            EVENT_STREAM: {"schema": EVENT, "example": ANSWER_EVENTS},
        },
    }
}


@router.post("/answers", responses=_ANSWERED | describe(400, 422, 429, 503), response_class=Response)
async def answer(
    body: QuestionBody, backend: TheBackend, caller: CurrentCaller, http: HttpRequest
) -> Response:
    """The cited answer to a question.

    With `stream` it comes as server-sent events. Of `history` only the latest turns are looked at, and only
    what the user asked: answers are never evidence.
    """
    request = Request(
        body.question,
        scope_for(caller, body.collections, body.filters),
        body.language,
        body.turns(),
        k=body.k,
    )
    asking = start_asking(backend.desk, request, caller)
    if body.stream:
        return AskingStream(asking, _lines(asking))
    return JSONResponse(answer_as_json(await answer_of(asking, http)))


async def _lines(asking: Asking) -> AsyncIterator[bytes]:
    numbers = count(1)
    async with aclosing(asking.events()) as events:
        async for event in events:
            told = _told(asking, event)
            yield named_event(next(numbers), *told) if told else HEARTBEAT


def _told(asking: Asking, event: Event) -> tuple[str, dict[str, Any]] | None:
    """The event's name and data; None for a heartbeat."""
    match event:
        case Found(passages):
            return "sources", {"id": asking.id, "passages": [hit_as_json(hit) for hit in passages]}
        case Delta(text):
            return "delta", {"text": text}
        case Cited(citation):
            return "citation", asdict(citation)
        case Done(answer):
            return "done", answer_as_json(answer)
        case Failed(error):
            return "error", problem_as_json(problem_of(error))
        case Queued(position):
            return "queue", {"position": position}
        case Beat():
            return None
