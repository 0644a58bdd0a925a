"""What everybody in a thread gets to see: a reaction and a status at once, how it goes on, and the end."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from service.slack.calling import SlackRefused, SlackUnreachable, TokenGone
from service.slack.elements import Message
from service.slack.pacing import Pace, Pen
from service.slack.to_asker import MOST_PLAIN_CHARS, ToAsker
from service.slack.told import Told

_TOO_MUCH = ("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long")
_CANNOT_UPDATE = ("message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found")

_log = logging.getLogger(__name__)


class Narration(Protocol):
    """How one task is told. Every method raises TokenGone; `conclude` SlackUnreachable, to be done again."""

    async def begin(self, status: Message) -> None:
        """That the question was seen; nothing but a sign, so what Slack refuses is left out."""

    def show(self, message: Message, *, is_news: bool = False) -> None:
        """How far it is; may be left out. is_news: what the asker will want to see most of all."""

    async def conclude(self, reply: Sequence[Message]) -> bool:
        """The end, all of it, and the reaction taken away. Whether anybody can see it.

        Doing it again after a crash changes nothing.
        """


class InThread:
    """In the thread of the question: a status, which becomes the answer."""

    def __init__(self, told: Told, pace: Pace) -> None:
        self._told = told
        self._asked = told.task.incoming
        self._pace = pace
        self._pen = Pen(self._asked.team, pace, self._update_status)

    async def begin(self, status: Message) -> None:
        """A reaction and the status."""
        await asyncio.gather(self._told.react(), self._show_status(status))

    def show(self, message: Message, *, is_news: bool = False) -> None:
        """By an update of the status."""
        if self._told.posts.get(0):
            self._pen.show(message)

    async def conclude(self, reply: Sequence[Message]) -> bool:
        """The status becomes the first message, the others follow it."""
        await self._pen.lift()
        try:
            for part, message in enumerate(reply):
                await self._deliver(part, message)
            is_seen = True
        except TokenGone:
            raise
        except SlackRefused as error:
            _log.warning("the thread takes no message (%s); the asker is told alone", error.code)
            is_seen = await ToAsker(self._told, self._pace).tell(reply)
        await self._told.unreact()
        return is_seen

    async def _show_status(self, status: Message) -> None:
        try:
            await self._status_or_post(status)
        except TokenGone:
            raise
        except (SlackRefused, SlackUnreachable) as error:
            _log.info("no status: %s", error)

    async def _update_status(self, message: Message) -> None:
        await self._told.posting.update(
            self._asked.team, self._asked.channel, self._told.posts[0], message, is_optional=True
        )

    async def _deliver(self, part: int, message: Message) -> None:
        try:
            await self._deliver_as_it_is(part, message)
        except SlackRefused as error:
            if error.code not in _TOO_MUCH:
                raise
            _log.error("Slack refused the blocks of a message: %s", error.code)
            await self._deliver_as_it_is(part, Message(message.text[:MOST_PLAIN_CHARS], ()))

    async def _deliver_as_it_is(self, part: int, message: Message) -> None:
        if part == 0:
            ts = await self._status_or_post(message)
            if ts is None:
                return
            try:
                await self._told.posting.update(self._asked.team, self._asked.channel, ts, message)
            except SlackRefused as error:
                if error.code not in _CANNOT_UPDATE:
                    raise
                await self._post(part, message, key="anew")  # somebody has deleted the status
        elif not self._told.posts.get(part):
            await self._post(part, message)

    async def _status_or_post(self, message: Message) -> str | None:
        """Ts of the first message, which may say something else; None when it was just posted as given."""
        if ts := self._told.posts.get(0):
            return ts
        may_exist = 0 in self._told.posts
        ts = await self._post(0, message)
        return ts if may_exist else None

    async def _post(self, part: int, message: Message, key: str = "") -> str:
        """Ts of the part, posted now or by a process that was killed before it could note it."""
        asked, task = self._asked, self._told.task
        may_exist = self._told.posts.get(part) == ""
        await self._told.note(part, "")
        ts = await self._told.posting.post(
            asked.team,
            asked.channel,
            message,
            thread=asked.thread,
            key=f"{task.id}.{round(task.accepted_at * 1000)}.{part}{key}",
            may_exist=may_exist,
        )
        await self._told.note(part, ts)
        return ts
