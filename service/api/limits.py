"""What every request and response goes through, as plain ASGI so that streams pass unbuffered.

A body may be so large and take so long; a response carries what keeps a browser from being misused.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_JSON_BYTES = 4_000_000  # ten thousand ordinary messages of a conversation
_LEAST_BYTES_PER_S = 50_000  # of an upload, on average
_CLOSE = {"Connection": "close"}  # the rest of the body is not wanted


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: between two pieces of a body, and for a whole one beside what its size needs."""

    idle_s: float = 20.0
    whole_s: float = 30.0


class BodyLimits:
    """Refuses bodies that are too large (413) or come too slowly (408), also while they come.

    An error is raised where the route reads the body, so that the app tells it as it tells all others, and
    so that a route can refuse a caller before it reads anything.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most_upload_bytes: int,
        most_json_bytes: int = MOST_JSON_BYTES,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._most_upload_bytes = most_upload_bytes
        self._most_json_bytes = most_json_bytes
        self._patience = patience or Patience()
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, with a watched way to its body."""
        if scope["type"] == "http":
            receive = self._watched(scope, receive)
        await self._app(scope, receive, send)

    def _watched(self, scope: Scope, receive: Receive) -> Receive:
        is_upload = scope["method"] == "PUT" and scope["path"].startswith("/v1/documents/")
        most = self._most_upload_bytes if is_upload else self._most_json_bytes
        announced = _content_length(scope)
        whole_s = self._patience.whole_s + (most / _LEAST_BYTES_PER_S if is_upload else 0)
        came = 0
        began: float | None = None
        is_done = False

        async def watched() -> Message:
            nonlocal came, began, is_done
            if is_done:  # what comes now is the end of the connection, for which anyone may wait
                return await receive()
            if announced > most:
                raise _too_large(most, is_upload)
            began = self._clock() if began is None else began
            left_s = min(self._patience.idle_s, began + whole_s - self._clock())
            try:
                message = await asyncio.wait_for(receive(), max(0.0, left_s))
            except TimeoutError:
                raise HTTPException(
                    408, "the body came too slowly; send it again in one go", headers=_CLOSE
                ) from None
            came += len(message.get("body", b""))
            if came > most:
                raise _too_large(most, is_upload)
            is_done = not message.get("more_body", False)
            return message

        return watched


def _too_large(most: int, is_upload: bool) -> HTTPException:
    words = f"the body is larger than {most / 1e6:g} MB"
    advice = "; split the document, or let the operator raise max_file_mb" if is_upload else ""
    return HTTPException(413, words + advice, headers=_CLOSE)


def _content_length(scope: Scope) -> int:
    """As announced; 0 where it is not, or not as a number."""
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(value) if value.isdigit() and len(value) < 20 else 0


CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_UNCACHED = (b"cache-control", b"no-store")


class SecurityHeaders:
    """Adds to every response what keeps a browser from loading, framing, guessing or keeping too much."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on; headers that the response has already stay as they are."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = (*_HEADERS, _UNCACHED) if scope["path"].startswith("/v1/") else _HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message.get("headers", ())}
                missing = [(name, value) for name, value in added if name not in present]
                message = {**message, "headers": [*message.get("headers", ()), *missing]}
            await send(message)

        await self._app(scope, receive, send_with_headers)
