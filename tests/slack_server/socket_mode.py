"""Socket Mode: connections that bots open, envelopes sent over them, and their acknowledgements.

https://docs.slack.dev/apis/events-api/using-socket-mode. An event tried again keeps its event_id and comes
in a new envelope, over any of the connections (slackapi/bolt-js#2487).
"""

import asyncio
import json
import random
import secrets
import uuid
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from tests.slack_server.delivery import OK, Kind, Reply
from tests.slack_server.state import APP_ID, State

_HOST = "applink-local-1"


class Sockets:
    """The open connections. Everything happens in the server's event loop."""

    def __init__(self, state: State, ack_within_s: float) -> None:
        self._state = state
        self._ack_within_s = ack_within_s
        self._open: dict[web.WebSocketResponse, web.Request] = {}
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Reply]]] = {}
        self.n_connected = 0  # ever

    @property
    def n_open(self) -> int:
        """How many connections there are now."""
        return len(self._open)

    def new_address(self) -> str:
        """Where one connection may be opened."""
        ticket = str(uuid.uuid4())
        self._state.tickets.add(ticket)
        return f"{self._state.base.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP_ID}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._state.tickets:
            return web.Response(status=408, text="ticket expired")
        self._state.tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=10)
        await socket.prepare(request)
        with self._state.changed:
            self._open[socket] = request
            self.n_connected += 1
            self._state.changed.notify_all()
        try:
            await socket.send_json(self._hello())
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            self._forget(socket)
        return socket

    async def send(self, kind: Kind, payload: dict[str, Any], attempt: int, reason: str) -> Reply:
        """What the bot acknowledges with."""
        if not self._open:
            return Reply(0, "connection_failed")
        socket = random.choice(list(self._open))  # noqa: S311
        envelope_id = str(uuid.uuid4())
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "payload": payload,
            "type": kind,
            "accepts_response_payload": kind == "slash_commands",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (socket, answered)
        try:
            await socket.send_str(json.dumps(envelope, ensure_ascii=False))
            return await asyncio.wait_for(answered, self._ack_within_s)
        except TimeoutError:
            return Reply(0, "timeout")
        except ConnectionError:
            return Reply(0, "connection_failed")
        finally:
            self._waiting.pop(envelope_id, None)

    async def refresh(self, reason: str, close_after_s: float) -> None:
        """Asks every bot to connect anew, and closes its old connection a little later."""
        closing = list(self._open)
        for socket in closing:
            notice = {"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}}
            with suppress(ConnectionError):
                await socket.send_json(notice)
        await asyncio.sleep(close_after_s)
        for socket in closing:
            self._forget(socket)
            await socket.close()

    async def drop(self) -> None:
        """Breaks every connection, as a network does: without a word."""
        for socket, request in list(self._open.items()):
            self._forget(socket)
            if request.transport:
                request.transport.abort()

    def _take(self, text: str) -> None:
        said = json.loads(text)
        waiting = self._waiting.get(said.get("envelope_id", ""))
        if waiting and not waiting[1].done():
            waiting[1].set_result(Reply(OK, body=said.get("payload")))

    def _forget(self, socket: web.WebSocketResponse) -> None:
        with self._state.changed:
            self._open.pop(socket, None)
            self._state.changed.notify_all()
        for where, answered in self._waiting.values():
            if where is socket and not answered.done():
                answered.set_result(Reply(0, "connection_failed"))

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": self.n_open,
            "debug_info": {
                "host": _HOST,
                "build_number": 1,
                "approximate_connection_time": 18060,
                "started": secrets.token_hex(4),
            },
            "connection_info": {"app_id": APP_ID},
        }
