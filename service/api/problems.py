"""Error responses: one table from error to status; problem+json, or OpenAI's envelope on its paths."""

import logging
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any, NamedTuple

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
from service.errors import AnsweringError, AnswerTimeout, BadQuestion, ModelUnavailable
from service.question_queue.dispatcher import StillLoading
from service.question_queue.fair_queue import Stopping, TooBusy
from service.question_queue.running import ClientGone
from service.storage.answers import UnknownAnswer

_log = logging.getLogger(__name__)

CLIENT_GONE = 499  # nginx's status for a client that disconnected before the response
_OPENAI_PATHS = ("/v1/chat", "/v1/models")


class ProblemKind(Enum):
    """The `type` of a problem. The page has its own message for each: `problem_...` in strings.js."""

    BAD_QUESTION = "bad-question"
    BUSY = "busy"
    TOO_MANY_REQUESTS = "too-many-requests"  # with one key
    NOT_ALLOWED = "not-allowed"
    STOPPING = "stopping"
    LOADING = "loading"
    TIME_IS_UP = "time-is-up"
    MODEL_UNAVAILABLE = "model-unavailable"
    STORE_UNAVAILABLE = "store-unavailable"
    NO_SUCH_DOCUMENT = "no-such-document"
    NO_SUCH_ANSWER = "no-such-answer"
    UNSUPPORTED_FORMAT = "unsupported-format"
    UNREADABLE_DOCUMENT = "unreadable-document"
    EMPTY_DOCUMENT = "empty-document"
    INDEXED_FROM_FILE = "indexed-from-file"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    INTERNAL = "internal"


class Problem(Exception):
    """A rejected request: its status and one sentence for the client."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: ProblemKind | None = None,
        headers: Mapping[str, str] | None = None,
        parameter: str | None = None,
    ) -> None:
        """kind: None where the status says all. parameter: the invalid field, for OpenAI's envelope."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.headers = dict(headers or {})
        self.parameter = parameter


class _Row(NamedTuple):
    """The response to an error. detail: replaces the error's own, which may name files of this machine."""

    status: int
    kind: ProblemKind | None
    detail: str | None = None
    retry_after_s: int | None = None


_LOGGED = "see the log of the service"
_SOON_S = 5
_NO_MODEL, _NO_STORE = ProblemKind.MODEL_UNAVAILABLE, ProblemKind.STORE_UNAVAILABLE
_TABLE: Mapping[type[Exception], _Row] = {  # the first match applies
    BadQuestion: _Row(422, ProblemKind.BAD_QUESTION),
    TooBusy: _Row(429, ProblemKind.BUSY),
    Stopping: _Row(503, ProblemKind.STOPPING, None, _SOON_S),
    StillLoading: _Row(503, ProblemKind.LOADING, None, _SOON_S),
    ClientGone: _Row(CLIENT_GONE, None, "the client disconnected"),
    AnswerTimeout: _Row(503, ProblemKind.TIME_IS_UP, None, _SOON_S),
    ModelUnavailable: _Row(503, _NO_MODEL, f"the language model cannot be used just now; {_LOGGED}"),
    UnknownAnswer: _Row(404, ProblemKind.NO_SUCH_ANSWER),
    UnknownDocument: _Row(404, ProblemKind.NO_SUCH_DOCUMENT, "no such document"),
    UnsupportedFormat: _Row(415, ProblemKind.UNSUPPORTED_FORMAT),
    UnreadableDocument: _Row(422, ProblemKind.UNREADABLE_DOCUMENT),
    SpecMismatch: _Row(503, _NO_STORE, f"the store was made with another embedding model; {_LOGGED}"),
    StoreUnavailable: _Row(503, _NO_STORE, f"the store cannot be used just now; {_LOGGED}", _SOON_S),
    IndexingError: _Row(503, _NO_STORE, f"the store cannot be used just now; {_LOGGED}"),
    AnsweringError: _Row(503, _NO_MODEL, f"the question cannot be answered just now; {_LOGGED}"),
}
_INTERNAL = _Row(500, ProblemKind.INTERNAL, f"internal error; {_LOGGED}")


def problem_of(error: Exception) -> Problem:
    """Return the problem for an error; server errors whose message is replaced are logged."""
    if isinstance(error, Problem):
        return error
    row = next((row for kind, row in _TABLE.items() if isinstance(error, kind)), _INTERNAL)
    if row is _INTERNAL:
        _log.error("a request failed", exc_info=error)
    elif row.detail and row.status >= 500:
        _log.error("a request failed: %s", error)
    retry_after_s = error.retry_after_s if isinstance(error, TooBusy) else row.retry_after_s
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s else None
    return Problem(row.status, row.detail or str(error), kind=row.kind, headers=headers)


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """Return the problem in the format of RFC 9457."""
    return {  # the type is a name, so that it points to no other host
        "type": f"urn:inyong:problem:{problem.kind.value}" if problem.kind else "about:blank",
        "title": _reason_phrase(problem.status),
        "status": problem.status,
        "detail": problem.detail,
    }


def _reason_phrase(status: int) -> str:
    return "Client Closed Request" if status == CLIENT_GONE else HTTPStatus(status).phrase


_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def problem_as_openai(problem: Problem) -> dict[str, Any]:
    """Return the problem in OpenAI's error envelope."""
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
    """Return the error response to a request to this path."""
    if path.startswith(_OPENAI_PATHS):
        status = 400 if problem.status == 422 else problem.status  # as OpenAI does
        return JSONResponse(problem_as_openai(problem), status, problem.headers)
    return JSONResponse(
        problem_as_json(problem), problem.status, problem.headers, media_type="application/problem+json"
    )


def install_problems(app: FastAPI) -> None:
    """Turn every error of the app into a problem."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, HTTPException):
            problem = _problem_of_http(request, error)
        elif isinstance(error, RequestValidationError):
            problem = _problem_of_validation(error)
        else:
            problem = problem_of(error)
        return respond(request.url.path, problem)

    # Starlette re-raises errors that only the handler for Exception covers; the server logs their traceback.
    for kind in (Problem, HTTPException, RequestValidationError, *_TABLE, Exception):
        app.add_exception_handler(kind, handle)


def _problem_of_http(request: Request, error: HTTPException) -> Problem:
    """Return the problem for a request that Starlette or FastAPI rejected."""
    path = request.url.path[:200]
    details = {
        400: "the body is not valid JSON in UTF-8",
        404: f"there is nothing at {path}; see /docs",
        405: f"{request.method} is not possible at {path}; see /docs",
    }
    kinds = {408: ProblemKind.TOO_SLOW, 413: ProblemKind.TOO_LARGE}
    detail = details.get(error.status_code, str(error.detail))
    return Problem(error.status_code, detail, kind=kinds.get(error.status_code), headers=error.headers)


# Pydantic's names for the members of a union, in the location of an error.
_TYPES = ("str", "constrained-str", "list[Part]", "list[nullable[Part]]")


def _problem_of_validation(error: RequestValidationError) -> Problem:
    """Summarise the most specific validation error.

    Each member of a union reports its own error; the best match has the longest location.
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


def describe(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return these statuses for a route's `responses`, as problem+json."""
    members = {"type": "string", "title": "string", "status": "integer", "detail": "string"}
    return _described(statuses, "application/problem+json", _object(members))


def describe_openai(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return these statuses for a route's `responses`, in OpenAI's envelope."""
    members = {"message": "string", "type": "string", "param": ["string", "null"], "code": ["string", "null"]}
    envelope = {"type": "object", "required": ["error"], "properties": {"error": _object(members)}}
    return _described(statuses, "application/json", envelope)


def _object(members: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: {"type": kind} for name, kind in members.items()}
    return {"type": "object", "required": list(members), "properties": properties}


def _described(
    statuses: tuple[int, ...], media_type: str, schema: Mapping[str, Any]
) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"description": _reason_phrase(status), "content": {media_type: {"schema": schema}}}
        for status in statuses
    }
