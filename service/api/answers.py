"""POST /v1/answers: one question, its cited answer."""

from typing import Any

from fastapi import APIRouter

from service.access import scope_for
from service.answer import Request
from service.api.asking import answer_of, start_asking
from service.api.backend import TheBackend
from service.api.bodies import QuestionBody
from service.api.callers import CurrentCaller
from service.api.problems import describe
from service.schemas import answer_as_json

router = APIRouter(prefix="/v1", tags=["answers"])


@router.post("/answers", responses=describe(400, 422, 429, 503))
async def answer(body: QuestionBody, backend: TheBackend, caller: CurrentCaller) -> dict[str, Any]:
    """The cited answer to a question."""
    request = Request(
        body.question,
        scope_for(caller, body.collections, body.filters),
        body.language,
        [turn.as_turn() for turn in body.history],
        k=body.k,
    )
    return answer_as_json(await answer_of(start_asking(backend, request, caller)))
