"""What users see of a task: reaction, status with updates at a limited rate, and the reply."""

import asyncio
import logging
from time import monotonic

from service.slack.blocks import Message
from service.slack.ledger import Ledger
from service.slack.posting import Posting
from service.slack.types import Post, Task, Trigger
from service.slack.web_api import SlackBusy, SlackRefused, SlackUnreachable, TokenGone

_log = logging.getLogger(__name__)

UPDATE_EVERY_S = 1.25  # chat.update is tier 3: about 50 a minute per workspace
REACTION = "eyes"
_BLOCKS_REFUSED = ("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long")
_CANNOT_UPDATE = ("message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found")


class UpdateRate:
    """Rate limiter of the updates in each workspace."""

    def __init__(self, every_s: float = UPDATE_EVERY_S) -> None:
        self._every_s = every_s
        self._next: dict[str, float] = {}  # monotonic seconds, by team

    def take(self, team: str) -> bool:
        """Return whether an update may be sent to the workspace now; if so, it counts as sent."""
        now = monotonic()
        if now < self._next.get(team, 0.0):
            return False
        self._next[team] = now + self._every_s
        return True


class Delivery:
    """The reaction and the messages of one task, in the question's thread or for the requester only.

    `begin` and `conclude` raise TokenGone and StoreUnavailable. But for the reply, what fails is skipped.
    """

    def __init__(
        self, task: Task, ledger: Ledger, posting: Posting, rate: UpdateRate, *, is_private: bool
    ) -> None:
        self._task = task
        self._incoming = task.incoming
        self._ledger = ledger
        self._posting = posting
        self._rate = rate
        self._is_private = is_private
        self._posts = dict(task.posts)
        self._has_reaction = task.has_reaction
        self._is_updated = False

    async def begin(self, status: Message) -> None:
        """Add the reaction and show the status."""
        await asyncio.gather(self._add_reaction(), self._show_status(status))

    async def update(self, status: Message) -> bool:
        """Update the status; of a private one only once, and only with a response_url.

        Return False where the workspace has had too many updates; then try again a little later. An update
        that fails is left out. Remaining gap: one that timed out here but that Slack applies after the reply.
        """
        incoming, ts = self._incoming, self._posts.get(Post.THREAD)
        can_update = incoming.response_url and not self._is_updated if self._is_private else ts
        if not can_update:
            return True
        if not self._rate.take(incoming.team):
            return False
        self._is_updated = True
        try:
            if self._is_private:
                await self._posting.respond(incoming.response_url, status, replace=True, is_optional=True)
            elif ts:
                await self._posting.update(incoming.team, incoming.channel, ts, status, is_optional=True)
        except (SlackRefused, TokenGone, SlackUnreachable) as error:
            _log.info("an update was left out: %s", error)
        return True

    async def conclude(self, reply: Message) -> bool:
        """Post the reply in place of the status, and remove the reaction. Return whether anybody can see it.

        Idempotent, also after a crash. Raises SlackUnreachable, upon which to retry.
        """
        is_seen = await (self._reply_privately(reply) if self._is_private else self._reply_in_thread(reply))
        await self._remove_reaction()
        return is_seen

    async def _add_reaction(self) -> None:
        incoming = self._incoming
        if not incoming.message:
            return
        if not self._has_reaction:
            await asyncio.to_thread(self._ledger.note_reaction, self._task)
            self._has_reaction = True
        try:
            await self._posting.add_reaction(incoming.team, incoming.channel, incoming.message, REACTION)
        except SlackBusy:
            self._has_reaction = False  # nothing to remove; removals are limited even more
        except (SlackRefused, SlackUnreachable) as error:
            _log.info("no reaction: %s", error)

    async def _remove_reaction(self) -> None:
        incoming = self._incoming
        if not (incoming.message and self._has_reaction):
            return
        try:
            await self._posting.remove_reaction(incoming.team, incoming.channel, incoming.message, REACTION)
        except SlackRefused as error:
            _log.info("the reaction cannot be removed: %s", error)

    async def _show_status(self, status: Message) -> None:
        if Post.THREAD in self._posts and self._is_private:
            return  # perhaps shown by an earlier process; this cannot be looked up
        try:
            if self._is_private:
                await self._note(Post.THREAD, "")
                await self._show_privately(status, replace=self._incoming.trigger is Trigger.AGAIN)
            elif not self._posts.get(Post.THREAD):
                await self._post_in_thread(status)
        except (SlackRefused, SlackUnreachable) as error:
            _log.info("no status: %s", error)

    async def _reply_in_thread(self, reply: Message) -> bool:
        """Post the reply, without its blocks where Slack refuses them; privately if the thread takes none."""
        for message in (reply, Message(reply.text, ())):
            try:
                await self._replace_status(message)
                return True
            except SlackRefused as error:
                _log.warning("the thread of task %d takes no reply: %s", self._task.id, error)
                if error.code not in _BLOCKS_REFUSED:
                    break
        return await self._reply_privately(reply)

    async def _replace_status(self, message: Message) -> None:
        may_exist = Post.THREAD in self._posts  # then with other content
        ts = self._posts.get(Post.THREAD) or await self._post_in_thread(message)
        if not may_exist:
            return
        try:
            await self._posting.update(self._incoming.team, self._incoming.channel, ts, message)
        except SlackRefused as error:
            if error.code not in _CANNOT_UPDATE:
                raise
            await self._post_in_thread(message, key="anew")  # the status was deleted

    async def _post_in_thread(self, message: Message, key: str = "") -> str:
        """Post the message unless a killed process did so without recording it; return its ts."""
        may_exist = self._posts.get(Post.THREAD) == ""
        await self._note(Post.THREAD, "")
        ts = await self._posting.post(
            self._incoming.team,
            self._incoming.channel,
            message,
            thread=self._incoming.thread,
            key=f"{self._key}.{Post.THREAD.value}{key}",
            may_exist=may_exist,
        )
        await self._note(Post.THREAD, ts)
        return ts

    async def _reply_privately(self, reply: Message) -> bool:
        """Show the reply to the requester, in a direct message if need be. Return whether it was shown.

        Remaining gap: a message in flight when the process was killed is sent again.
        """
        if self._posts.get(Post.PRIVATE):
            return True
        await self._note(Post.PRIVATE, "")
        try:
            is_own_message = self._incoming.trigger in (Trigger.COMMAND, Trigger.AGAIN)
            await self._show_privately(reply, replace=is_own_message)
        except SlackRefused as refused:
            _log.warning("task %d: no private reply (%s); a direct message is tried", self._task.id, refused)
            plain = Message(reply.text, ())
            try:
                await self._posting.post(
                    self._incoming.team, self._incoming.user, plain, thread="", key=self._key
                )
            except SlackRefused as error:
                _log.error("task %d: its reply cannot be shown anywhere: %s", self._task.id, error)
                return False
        await self._note(Post.PRIVATE, "shown")
        return True

    async def _show_privately(self, message: Message, *, replace: bool) -> None:
        incoming = self._incoming
        if incoming.response_url:
            try:
                await self._posting.respond(incoming.response_url, message, replace=replace)
                return
            except SlackRefused as error:
                _log.info("the response_url takes no message: %s", error)
        # Slack accepts an ephemeral message in a thread without replies, but shows it to nobody.
        thread = incoming.thread if incoming.thread != incoming.message else ""
        await self._posting.show(incoming.team, incoming.channel, incoming.user, message, thread=thread)

    async def _note(self, post: Post, ts: str) -> None:
        """Record a message's ts; "" before it is posted."""
        await asyncio.to_thread(self._ledger.note_post, self._task, post, ts)
        self._posts[post] = ts

    @property
    def _key(self) -> str:
        return f"{self._task.id}.{round(self._task.accepted_at * 1000)}"
