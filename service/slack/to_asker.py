"""A task told to its asker alone: what comes back to a command, and answers where they are to be private."""

import logging
from collections.abc import Sequence

from service.slack.calling import SlackRefused, SlackUnreachable, TokenGone
from service.slack.elements import Message
from service.slack.pacing import Pace, Pen
from service.slack.told import Told
from service.slack.types import Way

MOST_PLAIN_CHARS = 3_800  # of a message without blocks
_FIRST_SHOWN = 1000  # parts of messages for the asker alone, so that none is taken for one of the thread
_MOST_USES = 5  # of a response_url, which Slack allows
_MOST_USES_BEFORE_THE_END = 2

_log = logging.getLogger(__name__)


class ToAsker:
    """For the asker's eyes only."""

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
            plain = Message(message.text[:MOST_PLAIN_CHARS], ())
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
