"""Sending something to the bot until it is acknowledged, and what came of it."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal, Protocol

Kind = Literal["events_api", "slash_commands", "interactive"]
OK = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot answered. status: as in HTTP, 0 when nothing came; why: then; body: what came with it."""

    status: int
    why: str = ""
    body: Any = None
    must_not_retry: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. sent_at: monotonic seconds; took_s: until the reply, or until it was given up."""

    sent_at: float
    took_s: float
    reply: Reply


@dataclass(slots=True)
class Delivery:
    """Something on its way to the bot, and every try so far."""

    kind: Kind
    payload: dict[str, Any]
    attempts: list[Attempt] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the bot has taken it."""
        return bool(self.attempts) and self.attempts[-1].reply.status == OK

    @property
    def status(self) -> int:
        """Of the last reply; 0 without one."""
        return self.attempts[-1].reply.status if self.attempts else 0

    @property
    def ack_s(self) -> float:
        """Seconds from the last try to its reply."""
        return self.attempts[-1].took_s

    @property
    def body(self) -> Any:
        """What came with the last reply."""
        return self.attempts[-1].reply.body if self.attempts else None

    def wait(self, timeout_s: float = 30.0) -> "Delivery":
        """Itself, when it was acknowledged or given up. Raises TimeoutError."""
        if not self._is_over.wait(timeout_s):
            raise TimeoutError(f"{self.kind} is still on its way after {timeout_s:g} seconds")
        return self

    def close(self) -> None:
        """No further try comes."""
        self._is_over.set()


class Transport(Protocol):
    """How something reaches the bot."""

    async def send(self, kind: Kind, payload: dict[str, Any], attempt: int, reason: str) -> Reply:
        """The bot's reply to this try. attempt: from 0; reason: why it is tried again."""


async def deliver(delivery: Delivery, transport: Transport, pauses_s: Sequence[float]) -> None:
    """Tries, and again after each pause, until the bot acknowledges."""
    reason = ""
    try:
        for attempt, pause_s in enumerate((0.0, *pauses_s)):
            await asyncio.sleep(pause_s)
            began = monotonic()
            reply = await transport.send(delivery.kind, delivery.payload, attempt, reason)
            delivery.attempts.append(Attempt(began, monotonic() - began, reply))
            if reply.status == OK or reply.must_not_retry:
                return
            reason = reply.why
    finally:
        delivery.close()
