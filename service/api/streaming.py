"""Server-sent events: how one is written, and the response that carries them."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from service.asking import Asking

EVENT_STREAM = "text/event-stream"
# One event, as the schema describes it; `data` is JSON.
EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
}
HEARTBEAT = b": waiting\n\n"  # a comment, which clients ignore and proxies take for life


def named_event(number: int, name: str, data: Mapping[str, Any]) -> bytes:
    """An event with an id and a name."""
    return f"id: {number}\nevent: {name}\ndata: {_json(data)}\n\n".encode()


def unnamed_event(data: Mapping[str, Any]) -> bytes:
    """An event as OpenAI's clients read it."""
    return f"data: {_json(data)}\n\n".encode()


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))  # line breaks are escaped in it


class AskingStream(StreamingResponse):
    """The events of one question. When the client goes, or the last one is sent, the answering ends."""

    def __init__(self, asking: Asking, lines: AsyncIterator[bytes]) -> None:
        # Some proxies hold a response back until it is whole unless they are told not to.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(lines, media_type=EVENT_STREAM, headers=headers)
        self._asking = asking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._asking.leave()
