"""What the service counts and times, for Prometheus."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from index.derived import derived_files
from index.errors import IndexingError
from service.api.observing import Observed
from service.types import Answer
from service.wiring import store_path

if TYPE_CHECKING:
    from service.api.backend import Backend

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)
_TOKENS_A_SECOND = (1, 2, 5, 10, 15, 20, 30, 40, 60, 80, 120, 250, 500)
_STAGES = ("rewrite", "search", "select", "generate", "ground", "total")


class Metrics:
    """The counters of one service, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "inyong_http_requests", "Requests.", ["method", "route", "status"], registry=self.registry
        )
        self._request_seconds = Histogram(
            "inyong_http_request_seconds",
            "Time to the last byte of the response.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._stage_seconds = Histogram(
            "inyong_stage_seconds",
            "Time of each stage of an answer: queue is waiting for the model, generate is without that, "
            "first_token and total count from the question.",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._tokens_a_second = Histogram(
            "inyong_generation_tokens_per_second",
            "Tokens written a second, from the first on.",
            buckets=_TOKENS_A_SECOND,
            registry=self.registry,
        )
        self._tokens = Counter(
            "inyong_tokens", "Tokens of prompts, of those known already, and written.", ["kind"],
            registry=self.registry,
        )  # fmt: skip
        self._answers = Counter(
            "inyong_answers", "Answers, by how they ended.", ["outcome"], registry=self.registry
        )
        self._unsupported = Counter(
            "inyong_unsupported_numbers",
            "Numbers that the model wrote and no quote backs; none was shown.",
            registry=self.registry,
        )
        self._invented = Counter(
            "inyong_invented_markers", "Markers of no sentence; none was shown.", registry=self.registry
        )
        for outcome in ("answered", "no_evidence", "unsupported", "failed", "abandoned"):
            self._answers.labels(outcome)  # a rate needs a zero to begin with

    def as_text(self) -> bytes:
        """Everything in Prometheus' text format, version 0.0.4."""
        return generate_latest(self.registry)

    def watch(self, backend: "Backend") -> None:
        """Adds what is looked up when somebody asks: queue, models, store."""
        self.registry.register(_BackendCollector(backend))

    def note_request(self, observed: Observed) -> None:
        """One request that is over."""
        self._requests.labels(observed.method, observed.route, str(observed.status)).inc()
        self._request_seconds.labels(observed.route).observe(observed.seconds)

    def note_answer(self, answer: Answer, waited_s: float) -> None:
        """One answer. waited_s: of its time in generation, the part in which it waited for the model."""
        self._answers.labels(answer.abstain_reason or "answered").inc()
        self._unsupported.inc(len(answer.grounding.unsupported_numbers))
        self._invented.inc(answer.grounding.invented_markers)
        seconds = {name: value / 1000 for name, value in asdict(answer.timings).items()}
        usage, first_s = answer.usage, seconds["first_token"]
        seconds["generate"] = max(0.0, seconds["generate"] - waited_s)
        for stage in _STAGES:
            self._stage_seconds.labels(stage).observe(seconds[stage])
        if not first_s:
            return  # nothing was generated
        self._stage_seconds.labels("first_token").observe(first_s)
        self._stage_seconds.labels("queue").observe(waited_s)
        for kind, n_tokens in (
            ("prompt", usage.prompt_tokens),
            ("cached_prompt", usage.cached_prompt_tokens),
            ("written", usage.completion_tokens),
        ):
            self._tokens.labels(kind).inc(n_tokens)
        writing_s = seconds["total"] - seconds["ground"] - first_s
        if usage.completion_tokens > 1 and writing_s > 0:
            self._tokens_a_second.observe((usage.completion_tokens - 1) / writing_s)

    def note_no_answer(self, *, abandoned: bool) -> None:
        """One question that got no answer: it failed, or nobody waited for it any more."""
        self._answers.labels("abandoned" if abandoned else "failed").inc()


class _BackendCollector(Collector):
    """The state of the service at this moment."""

    def __init__(self, backend: "Backend") -> None:
        self._backend = backend

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges; those of a store that cannot be read are left out."""
        turns, home = self._backend.turns, self._backend.settings.home
        yield _gauge("inyong_models_loaded", "Whether questions can be answered.", self._backend.is_loaded)
        yield _gauge("inyong_queue_waiting", "Questions that wait for the model.", turns.n_waiting)
        yield _gauge("inyong_queue_running", "Questions that the model answers.", turns.n_running)
        yield _gauge("inyong_queue_held", "Places in the queue that are taken.", turns.n_held)
        yield _gauge("inyong_queue_places", "Places in the queue.", turns.n_places)
        try:
            catalog = self._backend.inyong.catalog()
            n_documents, n_passages = catalog.counts()
        except IndexingError:
            return
        yield _gauge("inyong_index_documents", "Documents in the store.", n_documents)
        yield _gauge("inyong_index_passages", "Passages in the store.", n_passages)
        store = store_path(self._backend.settings)
        files = [store, store.with_name(f"{store.name}-wal")]
        vectors, lexical = derived_files(home)
        size = sum(_size(path) for path in [*files, vectors, *_files_in(lexical)])
        yield _gauge("inyong_index_bytes", "Bytes of the store and its search indexes on disk.", size)
        changed = max(_changed_at(path) for path in files)
        yield _gauge(
            "inyong_index_changed_timestamp_seconds", "When the store's files last changed.", changed
        )


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=float(value))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _files_in(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
