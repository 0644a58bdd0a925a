"""Deliver answers to a client, complete or as server-sent events."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from service.answering.types import Answer
from service.question_queue.events import Done, Failed
from service.question_queue.running import ClientGone, RunningQuestion

EVENT_STREAM = "text/event-stream"
# One event, as the schema describes it; `data` is JSON.
EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
}
HEARTBEAT = b": waiting\n\n"  # a comment, which clients ignore and proxies count as activity
_CHECK_EVERY_S = 0.5  # how soon a disconnect is noticed


def named_event(number: int, name: str, data: Mapping[str, Any]) -> bytes:
    """Return an event with an id and a name."""
    return f"id: {number}\nevent: {name}\n".encode() + unnamed_event(data)


def unnamed_event(data: Mapping[str, Any]) -> bytes:
    """Return an event in the format of OpenAI's API."""
    # JSON escapes line breaks.
    return f"data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


class AnswerStream(StreamingResponse):
    """The event stream of one question; a disconnect, or its end, also ends the answering."""

    def __init__(self, question: RunningQuestion, lines: AsyncIterator[bytes]) -> None:
        # Some proxies buffer a whole response unless X-Accel-Buffering forbids it.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(lines, media_type=EVENT_STREAM, headers=headers)
        self._question = question

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._question.leave()


async def await_answer(question: RunningQuestion, http: Request) -> Answer:
    """Return the finished answer. Raises the error that prevented it, or ClientGone on disconnect."""
    async with aclosing(question.events(_CHECK_EVERY_S)) as events:
        async for event in events:
            if isinstance(event, Done):
                return event.answer
            if isinstance(event, Failed):
                raise event.error
            if await http.is_disconnected():
                raise ClientGone
    raise AssertionError("events end with Done or Failed")
