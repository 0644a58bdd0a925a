"""GET /healthz: the process lives. GET /readyz: it can answer, and if not, what is in the way.

Both are open to whoever can reach the address, so they tell of states, never of counts, names or files.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from index.errors import IndexingError
from service.api.backend import Backend, TheBackend
from service.errors import AnsweringError

router = APIRouter(tags=["operation"])
_log = logging.getLogger(__name__)

_PATIENCE_S = 2.0  # for one check; whoever asks gives up soon after
_EXAMPLE = {
    "ready": False,
    "checks": {
        "models": {"ok": True, "finding": "loaded"},
        "store": {"ok": True, "finding": "open"},
        "indexes": {"ok": True, "finding": "in step with the store"},
        "queue": {"ok": False, "finding": "full"},
    },
}
_READINESS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Every check is well.", "content": {"application/json": {"example": _EXAMPLE}}},
    503: {"description": "One is not.", "content": {"application/json": {"example": _EXAMPLE}}},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in a few words."""

    ok: bool
    finding: str


@router.get("/healthz")
async def health() -> dict[str, str]:
    """Whether the process lives and answers requests; it may still be loading its models."""
    return {"status": "alive"}


@router.get("/readyz", responses=_READINESS, response_class=JSONResponse)
async def readiness(backend: TheBackend) -> JSONResponse:
    """Whether questions can be answered now: models, store, search indexes and queue, each by name."""
    findings = {name: await _find(name, check(backend)) for name, check in _CHECKS.items()}
    ready = all(finding.ok for finding in findings.values())
    body = {
        "ready": ready,
        "checks": {name: {"ok": found.ok, "finding": found.finding} for name, found in findings.items()},
    }
    return JSONResponse(body, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


async def _find(name: str, check: Awaitable[Finding]) -> Finding:
    """What the check finds, a failure or a long silence included."""
    try:
        return await asyncio.wait_for(check, _PATIENCE_S)
    except TimeoutError:
        return Finding(False, f"no result within {_PATIENCE_S:g} seconds")
    except (IndexingError, AnsweringError, OSError) as error:
        _log.warning("not ready: %s: %s", name, error)
        return Finding(False, "failed; the service's log says why")


async def _check_models(backend: Backend) -> Finding:
    return Finding(True, "loaded") if backend.is_loaded else Finding(False, "being loaded")


async def _check_store(backend: Backend) -> Finding:
    await backend.run(lambda: backend.inyong.catalog().last_change())
    return Finding(True, "open")


async def _check_indexes(backend: Backend) -> Finding:
    if not backend.is_loaded:
        return Finding(False, "being loaded")
    # What another process has indexed is taken over by the next search; this check is as good an occasion.
    if await backend.catch_up():
        return Finding(True, "in step with the store")
    return Finding(False, "behind the store")


async def _check_queue(backend: Backend) -> Finding:
    if backend.turns.is_closed:
        return Finding(False, "closed: the service is being stopped")
    return Finding(False, "full") if backend.turns.is_full else Finding(True, "has room")


_CHECKS: dict[str, Callable[[Backend], Awaitable[Finding]]] = {
    "models": _check_models,
    "store": _check_store,
    "indexes": _check_indexes,
    "queue": _check_queue,
}
