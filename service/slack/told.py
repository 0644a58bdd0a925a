"""What a task has in Slack by now: its reaction, and its messages by part.

Each is noted before and after it is made, so that a process which takes over knows what there is, or may be.
"""

import logging

from service.slack.calling import SlackBusy, SlackRefused, SlackUnreachable, TokenGone
from service.slack.ledger import Ledger
from service.slack.posting import Posting
from service.slack.types import Task

REACTION = "eyes"

_log = logging.getLogger(__name__)


class Told:
    """The reaction and the messages of one task."""

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
