"""Connections that have to say in time what they want; a silent one would keep others out."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class PromptConnection(H11Protocol):
    """HTTP/1.1 whose request line and headers must come within `patience_s` seconds of their beginning.

    uvicorn waits for ever for a first request and for the rest of one. Bodies have limits of their own.
    """

    patience_s = 20.0
    _ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Waits for the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Takes what came; half a request is waited for, a whole one has its own limits."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_watching()
        elif self._ends is None:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._stop_watching()
        super().connection_lost(exc)

    def _watch(self) -> None:
        self._ends = self.loop.call_later(self.patience_s, self._end)

    def _stop_watching(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    def _end(self) -> None:
        """Closes unless a request is being answered, as after one that came and went within the time."""
        self._ends = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
