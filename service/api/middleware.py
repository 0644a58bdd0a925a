"""Pure ASGI middleware, so that streams pass unbuffered: request ids, body limits, security headers."""

import asyncio
import re
import time
import uuid
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.logs import log_request, request_id
from service.api.metrics import Metrics
from service.api.problems import CLIENT_GONE

REQUEST_ID_HEADER = "X-Request-ID"
MAX_JSON_BYTES = 4_000_000  # ten thousand ordinary chat messages

_VALID_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
_MIN_BYTES_PER_S = 50_000  # of an upload, on average
_CLOSE = {"Connection": "close"}  # the rest of the body is not read


class RequestRecorder:
    """Middleware that gives every request an id, and logs and counts it when it is finished.

    Paths are recorded as route templates, so that neither ids nor anything typed into an address is stored.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then record it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        identity = given if _VALID_ID.fullmatch(given) else uuid.uuid4().hex
        request_id.set(identity)
        status = CLIENT_GONE
        began = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = identity
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            status = 500  # an outer layer sends the response
            raise
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "(other)"
            route = getattr(scope.get("route"), "path", "(none)")
            seconds = time.perf_counter() - began
            log_request(method, route, status, seconds)
            self._metrics.note_request(method, route, status, seconds)


class BodyLimits:
    """Middleware that rejects bodies that are too large (413) or too slow (408), even while they arrive.

    Errors are raised where the route reads the body, so that the app handles them like all others and a
    route can reject a caller before it reads anything.
    """

    idle_s = 20.0  # between two chunks of a body
    total_s = 30.0  # for all of it, beyond what its size needs

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_upload_bytes: int,
        max_json_bytes: int = MAX_JSON_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._max_upload_bytes = max_upload_bytes
        self._max_json_bytes = max_json_bytes
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its body limited."""
        if scope["type"] == "http":
            receive = self._limited(scope, receive)
        await self._app(scope, receive, send)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        is_upload = scope["method"] == "PUT" and scope["path"].startswith("/v1/documents/")
        max_bytes = self._max_upload_bytes if is_upload else self._max_json_bytes
        announced = Headers(scope=scope).get("content-length", "")
        is_too_large = announced.isdecimal() and len(announced) < 20 and int(announced) > max_bytes
        total_s = self.total_s + (max_bytes / _MIN_BYTES_PER_S if is_upload else 0)
        n_bytes = 0
        ends_at: float | None = None
        is_done = False

        async def limited() -> Message:
            nonlocal n_bytes, ends_at, is_done
            if is_done:  # only the disconnect is left, and waiting for it has no limit
                return await receive()
            if is_too_large:
                raise _too_large(max_bytes, is_upload)
            ends_at = self._clock() + total_s if ends_at is None else ends_at
            try:
                left_s = min(self.idle_s, ends_at - self._clock())
                message = await asyncio.wait_for(receive(), max(0.0, left_s))
            except TimeoutError:
                raise HTTPException(
                    408, "the body came too slowly; send it again in one go", headers=_CLOSE
                ) from None
            n_bytes += len(message.get("body", b""))
            if n_bytes > max_bytes:
                raise _too_large(max_bytes, is_upload)
            is_done = not message.get("more_body", False)
            return message

        return limited


def _too_large(max_bytes: int, is_upload: bool) -> HTTPException:
    words = f"the body is larger than {max_bytes / 1e6:g} MB"
    advice = "; split the document, or let the operator raise max_file_mb" if is_upload else ""
    return HTTPException(413, words + advice, headers=_CLOSE)


CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """Middleware that adds headers which restrict what browsers load, frame, sniff and cache."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; headers already set on the response stay unchanged."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/v1/"):
                    headers.setdefault("Cache-Control", "no-store")
                message = {**message, "headers": headers.raw}
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
