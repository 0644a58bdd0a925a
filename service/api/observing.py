"""Pure-ASGI middleware around every request: gives it an id, and tells what became of it when it is over.

Paths are told as the route's template, so that neither ids nor anything typed into an address is kept.
"""

import itertools
import re
import time
import uuid
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER = "X-Request-ID"
request_id: ContextVar[str] = ContextVar("request_id", default="")  # clients may choose it, also twice
request_number: ContextVar[int] = ContextVar("request_number", default=0)  # 0: outside of any request

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_NO_ROUTE = "(none)"
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
CLIENT_GONE = 499  # as nginx counts a client that did not wait for its response


@dataclass(frozen=True, slots=True)
class Observed:
    """One request that is over. seconds: to the last byte; began_ns: since 1970; route: its template.

    number: of this request and no other in this process, from 1.
    headers: of the request, for whoever follows it across services; they hold the key and are never kept.
    """

    request_id: str
    number: int
    method: str
    route: str
    status: int
    seconds: float
    began_ns: int
    headers: Headers


Observer = Callable[[Observed], None]


class Observing:
    """The middleware. observers: called one after the other in the event loop, so they must be quick."""

    def __init__(self, app: ASGIApp, observers: Sequence[Observer]) -> None:
        self._app = app
        self._observers = observers
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID_HEADER, "")
        identity = given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex
        number = next(self._numbers)
        request_id.set(identity)
        request_number.set(number)
        status = CLIENT_GONE
        began, began_ns = time.perf_counter(), time.time_ns()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = identity
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            status = 500  # the response comes from further out
            raise
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "(other)"
            route = getattr(scope.get("route"), "path", _NO_ROUTE)
            seconds = time.perf_counter() - began
            for observe in self._observers:
                observe(Observed(identity, number, method, route, status, seconds, began_ns, headers))
