"""What comes from Slack, looked at and written down; it is acknowledged only after that."""

import asyncio

from service.slack.channels import ChannelKind, RuleStore, Where
from service.slack.incoming import Bot, Payload, from_command, from_event, from_shortcut, team_of
from service.slack.ledger import Ledger
from service.slack.types import Incoming, Way
from service.slack.worker import Worker
from service.slack.workspaces import Workspaces


class Door:
    """Where questions come in. Every method raises StoreUnavailable: then Slack is to tell of it again."""

    def __init__(self, workspaces: Workspaces, ledger: Ledger, rules: RuleStore, worker: Worker) -> None:
        self._workspaces = workspaces
        self._ledger = ledger
        self._rules = rules
        self._worker = worker

    async def take_event(self, body: Payload) -> None:
        """A message or mention."""
        if (bot := self._bot(body)) and (incoming := from_event(body, bot)):
            if incoming.way is Way.FOLLOW_UP and not await self._is_meant(body, incoming, bot):
                return
            await self.take(incoming)

    async def take_command(self, body: Payload) -> None:
        """A slash command."""
        if (bot := self._bot(body)) and (incoming := from_command(body, bot)):
            await self.take(incoming)

    async def take_shortcut(self, body: Payload) -> None:
        """A message that somebody asks about."""
        if (bot := self._bot(body)) and (incoming := from_shortcut(body, bot)):
            await self.take(incoming)

    async def take(self, incoming: Incoming) -> None:
        """A question, which is on disk when this returns; once, however often it comes."""
        if await self._ledger.accept(incoming):
            self._worker.wake()

    def _bot(self, body: Payload) -> Bot | None:
        return self._workspaces.bot(team_of(body))

    async def _is_meant(self, body: Payload, incoming: Incoming, bot: Bot) -> bool:
        """Whether the bot is asked: in a thread that it takes part in, where that counts as a question."""
        began_it = (body.get("event") or {}).get("parent_user_id") == bot.user
        if not began_it and not await self._ledger.takes_part(
            incoming.team, incoming.channel, incoming.thread
        ):
            return False
        rules = await asyncio.to_thread(self._rules.read)
        where = Where(incoming.team, incoming.channel, incoming.kind or ChannelKind.PUBLIC, incoming.user)
        return rules.manner(where).followups
