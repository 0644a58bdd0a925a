"""Spans, exported to memory."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from service.api.app import create_app
from service.api.backend import open_backend
from service.api.tracing import ENDPOINT, Tracing, open_tracing
from tests.service.api.conftest import QUESTION
from tests.service.conftest import World

TRACE = "0af7651916cd43dd8448eb211c80319c"
STAGES = ["search", "select", "generate", "ground"]


@dataclass(slots=True)
class Traced:
    client: TestClient
    exporter: InMemorySpanExporter
    tracing: Tracing

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.exporter.get_finished_spans()}


@pytest.fixture
def traced(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traced]:
    world.script("예산은 350억 원이 들었다.")
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing = Tracing(provider)
    monkeypatch.setattr("service.api.backend.open_tracing", lambda: tracing)
    backend = open_backend(world.settings, notify=lambda message: None)
    backend.load()
    with TestClient(create_app(backend)) as client:
        yield Traced(client, exporter, tracing)


def test_a_request_is_a_span_under_the_callers(traced: Traced) -> None:
    traced.client.get("/healthz", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    told = json.loads(traced.spans()["GET /healthz"].to_json())
    assert told["context"]["trace_id"] == f"0x{TRACE}"
    assert told["parent_id"] == "0xb7ad6b7169203331"
    assert told["attributes"]["http.response.status_code"] == 200


def test_the_stages_of_an_answer_are_spans_end_to_end_below_its_request(traced: Traced) -> None:
    traced.client.post("/v1/answers", json={"question": QUESTION})
    spans = traced.spans()
    request, *stages = [json.loads(spans[name].to_json()) for name in ("POST /v1/answers", *STAGES)]
    assert {stage["parent_id"] for stage in stages} == {request["context"]["span_id"]}
    assert [stage["end_time"] for stage in stages[:-1]] == [stage["start_time"] for stage in stages[1:]]
    assert request["start_time"] <= stages[0]["start_time"]
    assert stages[-1]["end_time"] <= request["end_time"]


def test_requests_under_one_id_keep_their_own_answers(traced: Traced) -> None:
    ids: list[str] = []

    def ask() -> None:
        response = traced.client.post(
            "/v1/answers", json={"question": QUESTION}, headers={"X-Request-ID": "same"}
        )
        ids.append(response.json()["id"])

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spans = [json.loads(span.to_json()) for span in traced.exporter.get_finished_spans()]
    requests = [span for span in spans if span["name"] == "POST /v1/answers"]
    assert sorted(span["attributes"]["inyong.answer_id"] for span in requests) == sorted(ids)
    for request in requests:
        below = [span["name"] for span in spans if span["parent_id"] == request["context"]["span_id"]]
        assert sorted(below) == sorted(STAGES)


def test_what_was_asked_is_in_no_span(traced: Traced) -> None:
    traced.client.post("/v1/answers", json={"question": QUESTION}, headers={"Authorization": "Bearer sesame"})
    told = " ".join(span.to_json() for span in traced.exporter.get_finished_spans())
    for secret in ("도서관", "350억", "sesame"):
        assert secret not in told


def test_answers_that_no_request_comes_for_do_not_pile_up(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.tracing._MOST_ANSWERS", 2)
    answer = traced.client.app.state.backend.inyong.ask(QUESTION)  # type: ignore[attr-defined]
    for number in (7, 8, 9):
        traced.tracing.note_answer(number, answer, 1)
    assert list(traced.tracing._answers) == [8, 9]


@pytest.mark.parametrize("environment", [{}, {ENDPOINT: " "}])
def test_without_an_endpoint_there_is_no_tracing(environment: dict[str, str]) -> None:
    assert open_tracing(environment) is None


def test_with_an_endpoint_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:1")
    tracing = open_tracing({ENDPOINT: "http://127.0.0.1:1"})
    assert tracing
    tracing.close()


def test_without_the_sdk_it_is_told_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert open_tracing({ENDPOINT: "http://127.0.0.1:1"}) is None
    assert "install inyong[telemetry]" in caplog.text


def test_without_an_endpoint_neither_sdk_nor_exporter_is_imported() -> None:
    code = (
        "import sys, service.api.app, service.api.tracing as t; t.open_tracing({});"
        "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == "[]\n"
