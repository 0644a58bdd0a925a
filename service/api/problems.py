"""Errors as responses: one table from error to status; problem+json, or OpenAI's envelope on its paths."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from index.errors import (
    IndexingError,
    SpecMismatch,
    StoreUnavailable,
    UnknownDocument,
    UnreadableDocument,
    UnsupportedFormat,
)
from service.api.observing import CLIENT_GONE
from service.api.problem_kinds import ProblemKind
from service.asking import Abandoned, TimeIsUp
from service.desk import StillLoading
from service.errors import AnsweringError, BadQuestion, GenerationFailed, ModelUnavailable, ServerUnavailable
from service.turns import Stopping, TooBusy

_log = logging.getLogger(__name__)

_OPENAI_PATHS = ("/v1/chat", "/v1/models")
_SOON_S = "5"


class Problem(Exception):
    """A request that a route refuses: its status and one sentence for whoever sent it."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: ProblemKind | None = None,
        headers: Mapping[str, str] | None = None,
        parameter: str | None = None,
    ) -> None:
        """kind: None where its status says all. parameter: the field to blame, told by OpenAI's envelope."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.headers = dict(headers or {})
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class _Row:
    """How an error is told. words: instead of the error's own, which may name files of this machine."""

    status: int
    kind: ProblemKind | None
    words: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


_LOGGED = "the service's log says why"
_SOON = {"Retry-After": _SOON_S}
_NO_MODEL, _NO_STORE = ProblemKind.MODEL_UNAVAILABLE, ProblemKind.STORE_UNAVAILABLE
_TABLE: tuple[tuple[type[Exception], _Row], ...] = (  # the first that fits counts
    (BadQuestion, _Row(422, ProblemKind.BAD_QUESTION)),
    (TooBusy, _Row(429, ProblemKind.BUSY)),
    (Stopping, _Row(503, ProblemKind.STOPPING, headers=_SOON)),
    (StillLoading, _Row(503, ProblemKind.LOADING, headers=_SOON)),
    (Abandoned, _Row(CLIENT_GONE, None, "nobody waited for the answer")),
    (TimeIsUp, _Row(503, ProblemKind.TIME_IS_UP, headers=_SOON)),
    (ModelUnavailable, _Row(503, _NO_MODEL, f"the language model cannot be used just now; {_LOGGED}")),
    (GenerationFailed, _Row(503, _NO_MODEL, f"the language model could not write an answer; {_LOGGED}")),
    (UnknownDocument, _Row(404, ProblemKind.NO_SUCH_DOCUMENT, "no such document")),
    (UnsupportedFormat, _Row(415, ProblemKind.UNSUPPORTED_FORMAT)),
    (UnreadableDocument, _Row(422, ProblemKind.UNREADABLE_DOCUMENT)),
    (SpecMismatch, _Row(503, _NO_STORE, f"the store was made with another embedding model; {_LOGGED}")),
    (StoreUnavailable, _Row(503, _NO_STORE, f"the store cannot be used just now; {_LOGGED}", _SOON)),
    (IndexingError, _Row(503, _NO_STORE, f"the store cannot be used just now; {_LOGGED}")),
    (AnsweringError, _Row(503, _NO_MODEL, f"the question cannot be answered just now; {_LOGGED}")),
)
_OURS = _Row(500, ProblemKind.INTERNAL, f"an error of the service, not of yours; {_LOGGED}")


def problem_of(error: Exception) -> Problem:
    """The error as it is told to whoever asked; what is told in other words is logged."""
    if isinstance(error, Problem):
        return error
    row = next((row for kind, row in _TABLE if isinstance(error, kind)), _OURS)
    if row is _OURS:
        _log.error("a request failed", exc_info=error)
    elif row.words and row.status >= 500:
        _log.error("a request failed: %s", error)
    headers = dict(row.headers)
    if isinstance(error, TooBusy | ServerUnavailable) and error.retry_after_s > 0:
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    return Problem(row.status, row.words or str(error), kind=row.kind, headers=headers)


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """RFC 9457."""
    return {
        "type": problem.kind.uri if problem.kind else "about:blank",
        "title": phrase(problem.status),
        "status": problem.status,
        "detail": problem.detail,
    }


def phrase(status: int) -> str:
    """What the status is called."""
    return "Client Closed Request" if status == CLIENT_GONE else HTTPStatus(status).phrase


_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def problem_as_openai(problem: Problem) -> dict[str, Any]:
    """The envelope that OpenAI's clients read."""
    kind = "server_error" if problem.status >= 500 else "invalid_request_error"
    return {
        "error": {
            "message": problem.detail,
            "type": _OPENAI_TYPES.get(problem.status, kind),
            "param": problem.parameter,
            "code": None,
        }
    }


def respond(path: str, problem: Problem) -> JSONResponse:
    """The response to a request to this path."""
    if path.startswith(_OPENAI_PATHS):
        status = 400 if problem.status == 422 else problem.status  # as OpenAI does
        return JSONResponse(problem_as_openai(problem), status, problem.headers)
    return JSONResponse(
        problem_as_json(problem), problem.status, problem.headers, media_type="application/problem+json"
    )


def install_problems(app: FastAPI) -> None:
    """Makes every error of the app a problem."""

    async def tell(request: Request, error: Exception) -> JSONResponse:
        return respond(request.url.path, problem_of(error))

    async def tell_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return respond(request.url.path, _of_http(request, error))

    async def tell_invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return respond(request.url.path, _of_validation(error))

    # What is handled as Exception alone is also logged by the server, with a traceback.
    kinds: tuple[type[Exception], ...] = (Problem, *(kind for kind, _ in _TABLE), Exception)
    for kind in kinds:
        app.add_exception_handler(kind, tell)
    app.add_exception_handler(HTTPException, tell_http)
    app.add_exception_handler(RequestValidationError, tell_invalid)


def _of_http(request: Request, error: HTTPException) -> Problem:
    """What Starlette and FastAPI refuse by themselves, in words."""
    path = request.url.path[:200]
    words = {
        400: "the body is not valid JSON in UTF-8",
        404: f"there is nothing at {path}; see /docs",
        405: f"{request.method} is not possible at {path}; see /docs",
    }
    kinds = {408: ProblemKind.TOO_SLOW, 413: ProblemKind.TOO_LARGE}
    detail = words.get(error.status_code, str(error.detail))
    return Problem(error.status_code, detail, kind=kinds.get(error.status_code), headers=error.headers)


# How pydantic names the types of a value that may be of several, in the place of an error.
_TYPES = ("str", "constrained-str", "list[Part]", "list[nullable[Part]]")


def _of_validation(error: RequestValidationError) -> Problem:
    """What is wrong with a request, in one sentence: of several things the one that says most exactly where.

    Where a value may be of several types, each of them has its say; the one that fits best gets furthest.
    """
    first = max(error.errors(), key=lambda one: len(one["loc"]))
    if first["type"] == "json_invalid":
        return Problem(400, "the body is not valid JSON")
    place, *parts = [str(part) for part in first["loc"]]
    names = [part[:100] for part in parts if part not in _TYPES]
    if not names:
        return Problem(422, "the body must be a JSON object, sent with Content-Type: application/json")
    name = ".".join(names)
    where = name if place == "body" else f"the {place} parameter {name}"
    message = str(first["msg"]).removeprefix("Value error, ")
    return Problem(422, f"{where}: {message[:1].lower()}{message[1:]}", parameter=name)
