"""Prometheus metrics of the service, in a registry of its own."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from index.errors import IndexingError
from service.answering.types import Answer
from service.storage.permissions import Caller

if TYPE_CHECKING:
    from service.api.backend import Backend

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)
_TOKENS_PER_SECOND = (1, 2, 5, 10, 15, 20, 30, 40, 60, 80, 120, 250, 500)
_STAGES = ("rewrite", "search", "select", "generate", "ground", "total")


class Metrics:
    """The metrics of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = self._counter("inyong_http_requests", "Requests.", "method", "route", "status")
        self._request_seconds = self._histogram(
            "inyong_http_request_seconds", "Time to the last byte of the response.", _SECONDS, "route"
        )
        self._stage_seconds = self._histogram(
            "inyong_stage_seconds",
            "Time of each stage of an answer: queue is waiting for the model, generate is without that, "
            "first_token and total count from the question.",
            _SECONDS,
            "stage",
        )
        self._tokens_per_second = self._histogram(
            "inyong_generation_tokens_per_second",
            "Tokens written a second, from the first on.",
            _TOKENS_PER_SECOND,
        )
        self._tokens = self._counter(
            "inyong_tokens", "Prompt tokens, prompt tokens from the cache, and generated tokens.", "kind"
        )
        self._answers = self._counter("inyong_answers", "Answers, by how they ended.", "outcome")
        self._unsupported = self._counter(
            "inyong_unsupported_numbers", "Numbers that the model wrote and no quote backs; none was shown."
        )
        for outcome in ("answered", "no_evidence", "failed", "abandoned"):
            self._answers.labels(outcome)  # a rate needs a zero to begin with

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, buckets=buckets, registry=self.registry)

    def as_text(self) -> bytes:
        """Return all metrics in Prometheus' text format, version 0.0.4."""
        return generate_latest(self.registry)

    def watch(self, backend: "Backend") -> None:
        """Add the gauges that are read at each scrape: queue, models, store."""
        self.registry.register(_BackendCollector(backend))

    def note_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count and time one finished request. route: its template, without ids."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def note_answer(self, answer: Answer, caller: Caller) -> None:
        """Count and time one answer."""
        self._answers.labels(answer.abstain_reason or "answered").inc()
        self._unsupported.inc(len(answer.verification.unsupported_numbers) if answer.verification else 0)
        seconds = {name: value / 1000 for name, value in asdict(answer.timings).items()}
        usage = answer.usage
        for stage in _STAGES:
            self._stage_seconds.labels(stage).observe(seconds[stage])
        for moment in ("first_quote", "first_token"):
            if seconds[moment]:
                self._stage_seconds.labels(moment).observe(seconds[moment])
        if not usage.completion_tokens:
            return  # nothing was generated
        self._stage_seconds.labels("queue").observe(seconds["wait"])
        self._tokens.labels("prompt").inc(usage.prompt_tokens)
        self._tokens.labels("cached_prompt").inc(usage.cached_prompt_tokens)
        self._tokens.labels("written").inc(usage.completion_tokens)
        if usage.tokens_per_second:
            self._tokens_per_second.observe(usage.tokens_per_second)

    def note_no_answer(self, *, abandoned: bool) -> None:
        """Count a question without an answer: it failed, or (abandoned) its client has gone."""
        self._answers.labels("abandoned" if abandoned else "failed").inc()


class _BackendCollector(Collector):
    """Gauges of the current state of the service."""

    def __init__(self, backend: "Backend") -> None:
        self._backend = backend

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges, without those of a store that cannot be read."""
        queue = self._backend.queue
        yield _gauge("models_loaded", "Whether questions can be answered.", self._backend.is_loaded)
        yield _gauge("queue_waiting", "Questions that wait for the model.", queue.n_waiting)
        yield _gauge("queue_running", "Questions that the model answers.", queue.n_running)
        yield _gauge("queue_held", "Places in the queue that are taken.", queue.n_held)
        yield _gauge("queue_places", "Places in the queue.", queue.n_places)
        try:
            n_documents, n_passages = self._backend.inyong.catalog().counts()
        except IndexingError:
            return
        yield _gauge("index_documents", "Documents in the store.", n_documents)
        yield _gauge("index_passages", "Passages in the store.", n_passages)


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"inyong_{name}", meaning, value=float(value))
