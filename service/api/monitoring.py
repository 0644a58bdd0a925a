"""GET /healthz: liveness. GET /readyz: readiness, and what prevents it. GET /metrics: for Prometheus.

The first two need no key, so they report states, never counts, names or files.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from index.errors import IndexingError
from service.api.authentication import Overseer
from service.api.backend import Backend, TheBackend
from service.api.problems import describe
from service.errors import AnsweringError

router = APIRouter(tags=["operation"])
_log = logging.getLogger(__name__)

_TIMEOUT_S = 2.0  # per check; probes time out soon after
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
class CheckResult:
    """The result of a check."""

    ok: bool
    finding: str


@router.get("/healthz")
async def health() -> dict[str, str]:
    """Report that the process is alive and serves requests; it may still be loading its models."""
    return {"status": "alive"}


@router.get("/readyz", responses=_READINESS, response_class=JSONResponse)
async def readiness(backend: TheBackend) -> JSONResponse:
    """Report whether questions can be answered now: models, store, search indexes and queue, each by name."""
    results = {name: await _run(name, check(backend)) for name, check in _CHECKS.items()}
    ready = all(result.ok for result in results.values())
    body = {"ready": ready, "checks": {name: asdict(result) for name, result in results.items()}}
    return JSONResponse(body, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/metrics", response_class=PlainTextResponse, responses=describe(401, 403))
async def metrics(backend: TheBackend, caller: Overseer) -> PlainTextResponse:
    """Return counters, histograms and gauges in Prometheus' text format.

    They cover all collections together, so a key that is limited to some may not see them.
    """
    text = await backend.run(backend.metrics.as_text)
    return PlainTextResponse(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


async def _run(name: str, check: Awaitable[CheckResult]) -> CheckResult:
    """Return the result of a check; failures and timeouts are results too."""
    try:
        # Shielded, so that a check that hangs keeps its thread and cannot take more than the pool has.
        return await asyncio.wait_for(asyncio.shield(check), _TIMEOUT_S)
    except TimeoutError:
        return CheckResult(False, f"no result within {_TIMEOUT_S:g} seconds")
    except (IndexingError, AnsweringError, OSError) as error:
        _log.warning("not ready: %s: %s", name, error)
        return CheckResult(False, "failed; see the log of the service")


async def _check_models(backend: Backend) -> CheckResult:
    return CheckResult(True, "loaded") if backend.is_loaded else CheckResult(False, "being loaded")


async def _check_store(backend: Backend) -> CheckResult:
    await backend.run(lambda: backend.inyong.catalog().last_change())
    return CheckResult(True, "open")


async def _check_indexes(backend: Backend) -> CheckResult:
    if not backend.is_loaded:
        return CheckResult(False, "being loaded")
    # The next search would load what another process has indexed; this check can do so as well.
    if await backend.catch_up():
        return CheckResult(True, "in step with the store")
    return CheckResult(False, "behind the store")


async def _check_queue(backend: Backend) -> CheckResult:
    if backend.queue.is_closed:
        return CheckResult(False, "closed: the service is being stopped")
    return CheckResult(False, "full") if backend.queue.is_full else CheckResult(True, "has room")


_CHECKS: dict[str, Callable[[Backend], Awaitable[CheckResult]]] = {
    "models": _check_models,
    "store": _check_store,
    "indexes": _check_indexes,
    "queue": _check_queue,
}
