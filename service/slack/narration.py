"""What somebody who asked gets to see: a reaction and a status at once, how it goes on, and the end of it.

Each message is noted before and after it is posted, so that a process which takes over knows what there is.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from service.slack.calling import SlackBusy, SlackRefused, SlackUnreachable, TokenGone
from service.slack.elements import Message
from service.slack.ledger import Ledger
from service.slack.pacing import Pace, Pen
from service.slack.posting import Posting
from service.slack.types import Task, Way

REACTION = "eyes"
_MOST_PLAIN_CHARS = 3_800
_FIRST_SHOWN = 1000  # parts of messages for the asker alone, so that none is taken for one of the thread
_MOST_USES = 5  # of a response_url, which Slack allows
_MOST_USES_BEFORE_THE_END = 2
_TOO_MUCH = (
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_too_long",
    "invalid_metadata",
)
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


class Told:
    """What a task has in Slack by now: its reaction, and its messages by part."""

    def __init__(self, task: Task, ledger: Ledger, posting: Posting) -> None:
        self.task = task
        self.ledger = ledger
        self.posting = posting
        self.posts = dict(task.posts)
        self._has_reaction = task.has_reaction

    async def note(self, part: int, ts: str) -> None:
        """Keeps where a part is; "" before it is posted."""
        await self.ledger.note_post(self.task, part, ts)
        self.posts[part] = ts

    async def react(self) -> None:
        """Puts the reaction on the message."""
        asked = self.task.incoming
        if not asked.message:
            return
        if not self._has_reaction:
            await self.ledger.note_reaction(self.task)
            self._has_reaction = True
        try:
            await self.posting.add_reaction(asked.team, asked.channel, asked.message, REACTION)
        except TokenGone:
            raise
        except SlackBusy:
            self._has_reaction = False  # nothing to take away, which Slack allows even less often
        except (SlackRefused, SlackUnreachable) as error:
            _log.info("no reaction: %s", error)

    async def unreact(self) -> None:
        """Takes it away."""
        asked = self.task.incoming
        if not (asked.message and self._has_reaction):
            return
        try:
            await self.posting.remove_reaction(asked.team, asked.channel, asked.message, REACTION)
        except TokenGone:
            raise
        except SlackRefused as error:
            _log.info("no reaction to take away: %s", error)


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
            await self._deliver_as_it_is(part, Message(message.text[:_MOST_PLAIN_CHARS], ()))

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


class ToAsker:
    """For the asker's eyes only: what comes back to a command, and answers where they are to be private."""

    def __init__(self, told: Told, pace: Pace) -> None:
        self._told = told
        self._asked = told.task.incoming
        self._pen = Pen(self._asked.team, pace, self._replace_status)
        self._uses = 0  # of the response_url

    async def begin(self, status: Message) -> None:
        """A reaction where there is a message, and the status."""
        await self._told.react()
        if 0 in self._told.posts:
            return  # shown by a process that is gone; whether it was cannot be looked up
        await self._told.note(0, "")
        try:
            await self._show(status, replace=self._asked.way is Way.AGAIN)
        except TokenGone:
            raise
        except (SlackRefused, SlackUnreachable) as error:
            _log.info("no status: %s", error)

    def show(self, message: Message, *, is_news: bool = False) -> None:
        """The first news; such a message takes few changes, or none."""
        if is_news and self._asked.response_url and self._uses < _MOST_USES_BEFORE_THE_END:
            self._pen.show(message)

    async def conclude(self, reply: Sequence[Message]) -> bool:
        """The answer, in the place of the status where it can take it."""
        await self._pen.lift()
        is_seen = await self.tell(reply)
        await self._told.unreact()
        return is_seen

    async def tell(self, reply: Sequence[Message]) -> bool:
        """Shows the messages that were not shown before. Whether anybody can see them.

        What remains: one that was being sent when the process was killed is sent again.
        """
        for n, message in enumerate(reply):
            part = _FIRST_SHOWN + n
            if self._told.posts.get(part):
                continue
            await self._told.note(part, "")
            replace = n == 0 and self._asked.way in (Way.COMMAND, Way.AGAIN)
            if not await self._tell_one(message, replace=replace):
                return False
            await self._told.note(part, "shown")
        return True

    async def _replace_status(self, message: Message) -> None:
        self._uses += 1
        await self._told.posting.respond(self._asked.response_url, message, replace=True, is_optional=True)

    async def _tell_one(self, message: Message, *, replace: bool) -> bool:
        asked, posting = self._asked, self._told.posting
        try:
            await self._show(message, replace=replace)
        except TokenGone:
            raise
        except SlackRefused as refused:
            _log.warning("the asker cannot be told there (%s); a direct message is tried", refused.code)
            plain = Message(message.text[:_MOST_PLAIN_CHARS], ())
            key = f"{self._told.task.id}.{round(self._told.task.accepted_at * 1000)}"
            try:
                await posting.post(asked.team, asked.user, plain, thread="", key=key)
            except TokenGone:
                raise
            except SlackRefused as error:
                _log.error("task %d: its end cannot be shown anywhere: %s", self._told.task.id, error)
                return False
        return True

    async def _show(self, message: Message, *, replace: bool = False) -> None:
        asked, posting = self._asked, self._told.posting
        if asked.response_url and self._uses < _MOST_USES:
            self._uses += 1
            try:
                await posting.respond(asked.response_url, message, replace=replace)
                return
            except SlackRefused as error:
                _log.info("the command's address takes nothing more: %s", error)
        # In a thread that nobody has begun yet, Slack takes such a message and shows it to nobody.
        thread = asked.thread if asked.thread != asked.message else ""
        await posting.show(asked.team, asked.channel, asked.user, message, thread=thread)
