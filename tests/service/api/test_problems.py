"""Errors as responses."""

import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from index.errors import IndexingError, SpecMismatch, StoreUnavailable, UnknownDocument, UnsupportedFormat
from service.api.problems import Problem, ProblemKind, install_problems, problem_as_json, problem_of, respond
from service.errors import AnsweringError, BadQuestion, ModelUnavailable
from service.question_queue.fair_queue import Stopping, TooBusy
from service.question_queue.running import ClientGone
from tests.service.api.conftest import QUESTION, Served


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadQuestion("empty"), 422),
        (TooBusy("full", 3), 429),
        (Stopping("stopping"), 503),
        (ModelUnavailable("gone"), 503),
        (UnknownDocument("a"), 404),
        (UnsupportedFormat("a.xyz"), 415),
        (SpecMismatch("other"), 503),
        (StoreUnavailable("locked"), 503),
        (IndexingError("other"), 503),
        (AnsweringError("other"), 503),
        (Problem(418, "no coffee"), 418),
        (KeyError("a bug"), 500),
    ],
)
def test_every_error_has_its_status(error: Exception, status: int) -> None:
    assert problem_of(error).status == status


@pytest.mark.parametrize(
    "error",
    [
        StoreUnavailable("/home/kim: locked"),
        ModelUnavailable("/home/kim/a.gguf"),
        OSError("/home/kim"),
    ],
)
def test_what_names_files_of_the_machine_is_logged_and_not_told(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    assert "/home/kim" not in problem_of(error).detail
    assert "/home/kim" in caplog.text


def test_a_problem_is_told_by_rfc_9457_and_in_openais_envelope_on_its_paths() -> None:
    problem = Problem(422, "k: too big", parameter="k")
    ours, openai = respond("/v1/answers", problem), respond("/v1/chat/completions", problem)
    assert (ours.status_code, ours.media_type) == (422, "application/problem+json")
    assert json.loads(bytes(ours.body)) == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "k: too big",
    }
    assert openai.status_code == 400
    assert json.loads(bytes(openai.body)) == {
        "error": {"message": "k: too big", "type": "invalid_request_error", "param": "k", "code": None}
    }


def test_a_problem_of_a_kind_is_told_by_its_type() -> None:
    told = problem_as_json(problem_of(TooBusy("16 questions wait", 7)))
    assert told["type"] == "urn:inyong:problem:busy"


def test_the_page_has_a_sentence_for_each_kind() -> None:
    strings = (Path(__file__).parents[3] / "service/web/static/strings.js").read_text("utf-8")
    said = set(re.findall(r"^  problem_(\w+):", strings, re.MULTILINE))
    assert said == {kind.value.replace("-", "_") for kind in ProblemKind}


def test_a_client_that_leaves_is_not_handled_as_an_error_of_the_service() -> None:
    app = FastAPI()
    install_problems(app)
    assert ClientGone in app.exception_handlers  # what only Exception catches is logged with a traceback


def test_the_status_of_a_client_that_has_gone_has_a_title_too() -> None:
    assert problem_as_json(Problem(499, "gone"))["title"] == "Client Closed Request"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"question": "\xff\xfe"}',
        b"[" * 100_000,
        b'{"question": ' * 50_000,
        b'{"k": ' + b"9" * 10_000 + b"}",
        b"",
        b"null",
        b"[1]",
        b'"text"',
        b'{"question": "\\ud800"}',
        b'{"question": NaN}',
    ],
)
@pytest.mark.parametrize("path", ["/v1/answers", "/v1/search", "/v1/chat/completions"])
def test_a_body_that_is_no_json_object_is_refused_in_one_sentence(
    served: Served, path: str, body: bytes
) -> None:
    response = served.client.post(path, content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    told = response.json()
    sentence = told["error"]["message"] if "chat" in path else told["detail"]
    assert 10 < len(sentence) < 200
    assert "Traceback" not in sentence


def test_a_body_of_another_type_is_refused(served: Served) -> None:
    response = served.client.post("/v1/answers", data={"question": QUESTION})
    assert response.status_code == 422
    assert "Content-Type: application/json" in response.json()["detail"]


def test_unknown_places_and_methods_are_problems_too(served: Served) -> None:
    missing, wrong = served.client.get("/v1/nothing"), served.client.get("/v1/answers")
    assert (missing.status_code, missing.json()["detail"]) == (
        404,
        "there is nothing at /v1/nothing; see /docs",
    )
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.headers["content-type"] == "application/problem+json"


def test_a_slash_too_many_is_not_redirected(served: Served) -> None:
    response = served.client.post(
        "/v1/answers/", json={"question": QUESTION}, headers={"host": "evil.example"}, follow_redirects=False
    )
    assert response.status_code == 404


def test_an_error_of_ours_is_a_problem_without_a_traceback(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise KeyError(Path("/home/kim"))

    monkeypatch.setattr(type(served.backend.inyong), "find", fail)
    response = served.client.post("/v1/search", json={"query": QUESTION})
    assert (response.status_code, response.json()["title"]) == (500, "Internal Server Error")
    assert "kim" not in response.text
