"""GET /v1/models: the one model that chat clients may name."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from service.api.backend import TheBackend
from service.api.callers import CurrentCaller
from service.api.problem_schemas import describe_openai
from service.api.problems import Problem

MODEL = "inyong"

router = APIRouter(prefix="/v1", tags=["chat"])


@router.get("/models")
async def models(backend: TheBackend, caller: CurrentCaller) -> dict[str, Any]:
    """The models, as OpenAI lists them: one, which answers from the documents."""
    return {"object": "list", "data": [_described(backend)]}


@router.get("/models/{name}", responses=describe_openai(404))
async def model(
    name: Annotated[str, Path(examples=[MODEL])], backend: TheBackend, caller: CurrentCaller
) -> dict[str, Any]:
    """One of them."""
    require_model(name)
    return _described(backend)


def require_model(name: str) -> None:
    """Raises a Problem for any other model, which would else be taken for the one asked for."""
    if name != MODEL:
        raise Problem(404, f"there is no model {name[:100]!r} here; use {MODEL!r}", parameter="model")


def _described(backend: TheBackend) -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": backend.began_at, "owned_by": MODEL}
