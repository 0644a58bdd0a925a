"""Ask, search, read a stored answer, and rate it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import asdict
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse, Response

from index.errors import StoreUnavailable
from service.answering.types import Request
from service.api.authentication import Asker
from service.api.backend import Backend, TheBackend
from service.api.bodies import FeedbackBody, QuestionBody, SearchBody
from service.api.examples import ANSWER, ANSWER_EVENTS, HITS
from service.api.problems import describe, problem_as_json, problem_of
from service.api.streaming import EVENT, EVENT_STREAM, HEARTBEAT, AnswerStream, await_answer, named_event
from service.question_queue.events import Done, Event, Failed, Heartbeat, PassagesFound, Queued, QuoteFound
from service.question_queue.running import RunningQuestion, start_question
from service.schemas import answer_as_json, hit_as_json
from service.storage.answers import Rating
from service.storage.permissions import Caller, scope_for

router = APIRouter(prefix="/v1")

_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer, or with `stream` its events: `sources`, `queue` with the place in the "
        "queue when it has to wait, a `citation` for each quote as soon as it is found, `delta` with the "
        "text, and at last `done` with the answer or `error` with the problem.",
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": ANSWER},
            EVENT_STREAM: {"schema": EVENT, "example": ANSWER_EVENTS},
        },
    }
}
_FOUND: dict[int | str, dict[str, Any]] = {
    200: {"description": "The passages, best first.", "content": {"application/json": {"example": HITS}}}
}
_STORED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer as it was given, with `asked_at`, `history`, `versions` of index, models "
        "and prompt, and `feedback`, which may be null."
    }
}


@router.post(
    "/answers",
    tags=["answers"],
    responses=_ANSWERED | describe(400, 422, 429, 503),
    response_class=Response,
)
async def answer(body: QuestionBody, backend: TheBackend, caller: Asker, http: HttpRequest) -> Response:
    """Answer a question with citations.

    With `stream`, the answer is sent as server-sent events. Only the latest turns of `history` are used, to
    interpret the question: earlier answers are never evidence.
    """
    scope = scope_for(caller, body.collections, body.filters)
    request = Request(body.question, scope, body.language, body.turns(), k=body.k)
    question = start_question(backend.dispatcher, request, caller)
    if body.stream:
        return AnswerStream(question, _lines(question))
    return JSONResponse(answer_as_json(await await_answer(question, http)))


async def _lines(question: RunningQuestion) -> AsyncIterator[bytes]:
    numbers = count(1)
    async with aclosing(question.events()) as events:
        async for event in events:
            if isinstance(event, Done) and not event.answer.abstained:
                yield named_event(next(numbers), "delta", {"text": event.answer.answer})
            message = _message(question, event)
            yield named_event(next(numbers), *message) if message else HEARTBEAT


def _message(question: RunningQuestion, event: Event) -> tuple[str, dict[str, Any]] | None:
    """Return the event's name and data; None for a heartbeat."""
    match event:
        case PassagesFound(passages):
            return "sources", {"id": question.id, "passages": [hit_as_json(hit) for hit in passages]}
        case QuoteFound(citation):
            return "citation", asdict(citation)
        case Done(answer):
            return "done", answer_as_json(answer)
        case Failed(error):
            return "error", problem_as_json(problem_of(error))
        case Queued(position):
            return "queue", {"position": position}
        case Heartbeat():
            return None


@router.post("/search", tags=["search"], responses=_FOUND | describe(400, 422, 429, 503))
async def search(body: SearchBody, backend: TheBackend, caller: Asker) -> dict[str, Any]:
    """Return the passages nearest to a query, by meaning and by words."""
    backend.dispatcher.require_loaded()
    scope = scope_for(caller, body.collections, body.filters)
    hits = await backend.run(backend.inyong.find, body.query, body.k, scope, rerank=body.rerank)
    return {"hits": [hit_as_json(hit) for hit in hits]}


@router.get("/answers/{id}", tags=["answers"], responses=_STORED | describe(401, 403, 404, 422, 429, 503))
async def stored_answer(
    ident: Annotated[str, Path(alias="id", min_length=1, max_length=64)], backend: TheBackend, caller: Asker
) -> dict[str, Any]:
    """Return a stored answer that was given to this key."""
    stored = await backend.run(backend.archive.find, ident, caller)
    feedback = stored.feedback
    return {
        **stored.body,
        "asked_at": stored.asked_at,
        "history": [asdict(turn) for turn in stored.history],
        "versions": visible_versions(stored.versions, caller),
        "feedback": feedback and {**asdict(feedback), "rating": feedback.rating.value},
    }


@router.post(
    "/feedback", tags=["answers"], status_code=204, responses=describe(400, 401, 403, 404, 422, 429, 503)
)
async def feedback(body: FeedbackBody, backend: TheBackend, caller: Asker) -> None:
    """Rate an answer that was given to this key; the last rating counts."""
    rating = Rating(body.rating)
    await backend.run(backend.archive.add_feedback, body.answer_id, caller, rating, body.comment)


def visible_versions(versions: Mapping[str, str], caller: Caller) -> dict[str, str]:
    """Return the versions; the number of the last change only to callers who may see all collections."""
    hidden = () if caller.collections is None else ("index_change",)
    return {name: version for name, version in versions.items() if name not in hidden}


async def index_version(backend: Backend, caller: Caller) -> dict[str, str]:
    """Return the current version of the index; empty if the store cannot be read, as the answer stands."""
    try:
        return visible_versions(await backend.run(backend.inyong.index_version), caller)
    except StoreUnavailable:
        return {}
