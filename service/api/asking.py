"""A question that a client of the service waits for."""

from contextlib import aclosing

from fastapi import Request

from service.asking import Abandoned, Asking
from service.asking_events import Done, Failed
from service.types import Answer

_LOOK_EVERY_S = 0.5  # how soon it is seen that the client has gone


async def answer_of(asking: Asking, http: Request) -> Answer:
    """The answer when it is done. Raises what went wrong, and Abandoned when the client has gone."""
    async with aclosing(asking.events(_LOOK_EVERY_S)) as events:
        async for event in events:
            if isinstance(event, Done):
                return event.answer
            if isinstance(event, Failed):
                raise event.error
            if await http.is_disconnected():
                raise Abandoned
    raise AssertionError("events end with Done or Failed")
