"""POST /v1/search: the passages nearest to a query. It never waits for the language model."""

from typing import Any

from fastapi import APIRouter

from service.access import scope_for
from service.api.backend import TheBackend
from service.api.bodies import SearchBody
from service.api.callers import CurrentCaller
from service.api.examples import HITS
from service.api.problem_schemas import describe
from service.schemas import hit_as_json

router = APIRouter(prefix="/v1", tags=["search"])

_FOUND: dict[int | str, dict[str, Any]] = {
    200: {"description": "The passages, best first.", "content": {"application/json": {"example": HITS}}}
}


@router.post("/search", responses=_FOUND | describe(400, 422, 429, 503))
async def search(body: SearchBody, backend: TheBackend, caller: CurrentCaller) -> dict[str, Any]:
    """The passages nearest to a query, by meaning and by words."""
    backend.desk.require_loaded()
    scope = scope_for(caller, body.collections, body.filters)
    hits = await backend.run(backend.inyong.find, body.query, body.k, scope, rerank=body.rerank)
    return {"hits": [hit_as_json(hit) for hit in hits]}
