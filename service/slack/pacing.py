"""Updates of a message while an answer is made: the latest only, and no faster than Slack likes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from service.slack.calling import SlackRefused, SlackUnreachable
from service.slack.elements import Message

_log = logging.getLogger(__name__)

UPDATE_EVERY_S = 1.25  # chat.update is of tier 3: about 50 a minute for a workspace


class Pace:
    """When a workspace's next update may go out."""

    def __init__(self, every_s: float = UPDATE_EVERY_S) -> None:
        self._every_s = every_s
        self._next: dict[str, float] = {}  # monotonic seconds, by team

    async def turn(self, team: str) -> None:
        """Returns when it may."""
        now = monotonic()
        at = max(now, self._next.get(team, 0.0))
        self._next[team] = at + self._every_s
        try:
            await asyncio.sleep(at - now)
        except asyncio.CancelledError:
            if self._next[team] == at + self._every_s:
                self._next[team] = at  # nobody came behind, so the turn is free again
            raise


class Pen:
    """Keeps one message showing the latest that is known."""

    def __init__(self, team: str, pace: Pace, write: Callable[[Message], Awaitable[None]]) -> None:
        """write: makes the message say something, or raises SlackRefused or SlackUnreachable."""
        self._team = team
        self._pace = pace
        self._write = write
        self._wanted: Message | None = None
        self._writer: asyncio.Task[None] | None = None
        self._under_way: asyncio.Future[None] | None = None
        self._is_lifted = False

    def show(self, message: Message) -> None:
        """What the message is to say soon; what it was to say before is left out."""
        if self._is_lifted:
            return
        self._wanted = message
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._keep_writing())

    async def lift(self) -> None:
        """Ends the updates. One that is under way is waited for, or it might arrive behind the answer.

        What remains: one that timed out here, and that Slack carries out all the same after the answer.
        """
        self._is_lifted = True
        if self._writer:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        if self._under_way:
            await asyncio.gather(self._under_way, return_exceptions=True)

    async def _keep_writing(self) -> None:
        while self._wanted:
            await self._pace.turn(self._team)
            message, self._wanted = self._wanted, None
            self._under_way = asyncio.ensure_future(self._write(message))
            try:
                await asyncio.shield(self._under_way)
            except (SlackRefused, SlackUnreachable) as error:
                _log.info("an update was left out: %s", error)
