"""The service's log."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.app import create_app
from service.api.logs import configure_logging, request_id
from service.errors import GenerationFailed
from tests.service.api.conftest import QUESTION, REPLY, Served, backend_over
from tests.service.conftest import World

Lines = list[dict[str, Any]]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log is written to."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO, message: str | None = None) -> Lines:
    found: Lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in found if message in (None, line["message"])]


def ask(served: Served, **headers: str) -> None:
    served.client.post("/v1/answers", json={"question": QUESTION}, headers=headers)


def test_a_request_is_one_line_of_json(served: Served, written: io.StringIO) -> None:
    served.client.get("/v1/models?token=secret", headers={"X-Request-ID": "r1"})
    (line,) = lines(written, "request")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/models", 200)
    assert (line["request_id"], line["level"]) == ("r1", "info")
    assert line["time"].endswith("Z")
    assert line["ms"] > 0


def test_an_answer_is_logged_with_the_id_of_its_request(served: Served, written: io.StringIO) -> None:
    ask(served, **{"X-Request-ID": "r2"})
    (line,) = lines(written, "answer")
    assert (line["request_id"], line["outcome"], line["citations"]) == ("r2", "answered", 1)
    assert line["caller"] == "local"
    assert len(line["answer_id"]) == 32


def test_question_answer_and_key_are_not_in_the_log(served: Served, written: io.StringIO) -> None:
    ask(served, Authorization="Bearer open-sesame")
    served.world.script(GenerationFailed("out of memory"))
    ask(served, Authorization="Bearer open-sesame")
    for secret in ("도서관", "350억", "open-sesame"):
        assert secret not in written.getvalue()
    assert "out of memory" in written.getvalue()


def test_the_question_is_in_the_log_when_told(world: World, written: io.StringIO) -> None:
    world.script(REPLY)
    with backend_over(world, log_questions=True) as backend, TestClient(create_app(backend)) as client:
        ask(Served(world, backend, client))
    (line,) = lines(written, "answer")
    assert (line["question"], line["answer"]) == (QUESTION, "예산은 350억 원이 들었다 [1].")


def test_a_crash_is_logged_with_its_traceback_on_one_line(
    served: Served, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*arguments: object, **named: object) -> None:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr("service.inyong.Inyong.find", crash)
    served.client.post("/v1/search", json={"query": "예산"}, headers={"X-Request-ID": "r3"})
    (line,) = lines(written, "a request failed")
    assert line["level"] == "error"
    assert "ZeroDivisionError: deep inside" in line["error"]


def test_a_line_break_in_a_message_makes_no_second_line(written: io.StringIO) -> None:
    logging.getLogger("x").warning('one\n{"level": "info"}')
    assert [line["message"] for line in lines(written)] == ['one\n{"level": "info"}']


def test_outside_of_a_request_there_is_no_id(written: io.StringIO) -> None:
    request_id.set("")
    logging.getLogger("x").warning("hello")
    assert "request_id" not in lines(written)[0]


def test_of_libraries_only_what_is_amiss_is_logged(written: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET http://host/?key=secret")
    logging.getLogger("httpx").warning("amiss")
    logging.getLogger("service.question_queue.running").info("ours")
    assert [line["message"] for line in lines(written)] == ["amiss", "ours"]
