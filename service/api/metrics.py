"""GET /metrics: what Prometheus collects."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from service.api.backend import TheBackend
from service.api.callers import CurrentCaller
from service.api.problems import Problem, describe

router = APIRouter(tags=["operation"])


@router.get("/metrics", response_class=PlainTextResponse, responses=describe(401, 403))
async def metrics(backend: TheBackend, caller: CurrentCaller) -> PlainTextResponse:
    """Counters, histograms and gauges in Prometheus' text format.

    They tell of all collections together, so a key that is limited to some may not see them.
    """
    if caller.collections is not None:
        raise Problem(403, "metrics tell of every collection; use a key that is not limited to some")
    text = await backend.run(backend.metrics.as_text)
    return PlainTextResponse(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)
