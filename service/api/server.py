"""The HTTP server: uvicorn with a timeout for request headers, which notifies clients when it is stopped."""

import asyncio
import socket

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.api.app import create_app
from service.api.backend import Backend

MAX_CONNECTIONS = 512
GRACE_S = 20  # for running answers to end after SIGTERM; container engines kill after 30 s or less
NOTICE_S = 3  # for notifying waiting clients before connections are closed


class Server(uvicorn.Server):
    """A server that ends running answers in time to notify their clients, before connections close."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        super().__init__(
            uvicorn.Config(
                create_app(backend),
                http=TimedProtocol,
                timeout_graceful_shutdown=GRACE_S + NOTICE_S,
                limit_concurrency=MAX_CONNECTIONS,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new work, interrupt answers after the grace period, and close the connections."""
        self._backend.queue.close()
        self._backend.uploads.wind_down()
        asyncio.get_running_loop().call_later(GRACE_S, self._backend.dispatcher.interrupt)
        await super().shutdown(sockets)


class TimedProtocol(H11Protocol):
    """An HTTP/1.1 connection that is closed when request headers take longer than `header_timeout_s` seconds.

    uvicorn waits forever for a first request and for the rest of one, so that silent connections would keep
    other clients out. `BodyLimits` covers bodies.
    """

    header_timeout_s = 20.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout of the first request."""
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Process the data; the timeout runs until the headers are complete."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_timer()
        elif self._timer is None:
            self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.header_timeout_s, self._time_out)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_out(self) -> None:
        """Close the connection unless a request is being answered."""
        self._timer = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
