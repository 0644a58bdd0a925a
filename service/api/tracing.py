"""OpenTelemetry spans, where its SDK is installed and OTEL_EXPORTER_OTLP_ENDPOINT is set; else nothing.

A span for each request, under the caller's when it sends `traceparent`, and below it one for each stage of
its answer. Spans hold ids, counts and times, never what was asked.
"""

import logging
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from service.api.observing import Observed
from service.types import Answer

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_SERVICE = "inyong"
_STAGES = ("search", "select", "generate", "ground")
_MOST_ANSWERS = 1024  # whose request is not over yet

_log = logging.getLogger(__name__)


class Tracing:
    """Makes the spans of requests that are over, from what was measured on the way."""

    def __init__(self, provider: Any) -> None:
        """provider: OpenTelemetry's TracerProvider, which exports what it is given."""
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer(_SERVICE)
        self._propagator = TraceContextTextMapPropagator()
        self._answers: dict[int, tuple[Answer, int]] = {}  # by the request's number

    def note_answer(self, number: int, answer: Answer, ended_ns: int) -> None:
        """Keeps an answer until the request of this number is over. ended_ns: since 1970."""
        self._answers[number] = (answer, ended_ns)
        if len(self._answers) > _MOST_ANSWERS:  # of a client that went away nobody tells
            self._answers.pop(next(iter(self._answers)), None)

    def note_request(self, observed: Observed) -> None:
        """The spans of one request."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        parent = self._propagator.extract(dict(observed.headers))
        span = self._tracer.start_span(
            f"{observed.method} {observed.route}",
            context=parent,
            kind=SpanKind.SERVER,
            start_time=observed.began_ns,
            attributes={
                "http.request.method": observed.method,
                "http.route": observed.route,
                "http.response.status_code": observed.status,
                "inyong.request_id": observed.request_id,
            },
        )
        if observed.status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        answer, ended_ns = self._answers.pop(observed.number, (None, 0))
        if answer:
            span.set_attributes(_facts(answer))
            self._add_stages(set_span_in_context(span), answer, ended_ns)
        span.end(observed.began_ns + int(observed.seconds * 1e9))

    def _add_stages(self, context: Any, answer: Answer, ended_ns: int) -> None:
        """One span a stage, laid end to end backward from the end of the answer."""
        milliseconds = asdict(answer.timings)
        for stage in reversed(_STAGES):
            began_ns = ended_ns - int(milliseconds[stage] * 1e6)
            self._tracer.start_span(stage, context=context, start_time=began_ns).end(ended_ns)
            ended_ns = began_ns

    def close(self) -> None:
        """Exports what is left."""
        self._provider.shutdown()


def _facts(answer: Answer) -> Mapping[str, str | int | bool]:
    return {
        "inyong.answer_id": answer.id,
        "inyong.abstained": answer.abstained,
        "inyong.abstain_reason": answer.abstain_reason or "",
        "inyong.citations": len(answer.citations),
        "inyong.prompt_tokens": answer.usage.prompt_tokens,
        "inyong.completion_tokens": answer.usage.completion_tokens,
    }


def open_tracing(environment: Mapping[str, str] | None = None) -> Tracing | None:
    """Tracing as OTEL_* variables say; None where no endpoint is set, or the SDK is not installed."""
    environment = os.environ if environment is None else environment
    if not environment.get(ENDPOINT, "").strip():
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.warning("%s is set, but no spans are sent: install inyong[telemetry]", ENDPOINT)
        return None
    named = environment.get("OTEL_SERVICE_NAME") or _SERVICE
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: named}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
