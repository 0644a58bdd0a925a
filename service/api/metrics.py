"""GET /metrics: what Prometheus collects."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from service.api.backend import TheBackend
from service.api.callers import Overseer
from service.api.problem_schemas import describe

router = APIRouter(tags=["operation"])


@router.get("/metrics", response_class=PlainTextResponse, responses=describe(401, 403))
async def metrics(backend: TheBackend, caller: Overseer) -> PlainTextResponse:
    """Counters, histograms and gauges in Prometheus' text format.

    They tell of all collections together, so a key that is limited to some may not see them.
    """
    text = await backend.run(backend.metrics.as_text)
    return PlainTextResponse(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)
