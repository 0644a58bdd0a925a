"""GET /v1/jobs/{id}: how far an upload is."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.api.backend import TheBackend
from service.api.callers import KeyHolder
from service.api.document_bodies import JobBody
from service.api.problem_schemas import describe
from service.api.problems import Problem

router = APIRouter(prefix="/v1", tags=["documents"])


@router.get("/jobs/{id}", responses=describe(401, 404, 422, 429, 503))
async def job(
    ident: Annotated[str, Path(alias="id", pattern="^[0-9a-f]{32}$")], backend: TheBackend, caller: KeyHolder
) -> JobBody:
    """How far an upload is; finished ones are remembered for a week."""
    found = await backend.run(backend.uploads.find, ident)
    if found is None or not caller.sees(found.collection):
        raise Problem(404, "no such job")
    return JobBody.of(found)
