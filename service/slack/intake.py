"""Filter Slack's payloads and store the questions; they are acknowledged only after that."""

import asyncio

from service.slack.events import BotUser, Payload, from_command, from_event, from_shortcut, team_of
from service.slack.ledger import Ledger
from service.slack.rules import ChannelKind, Origin, RuleStore
from service.slack.types import Incoming, Trigger
from service.slack.worker import Worker
from service.slack.workspaces import Workspaces


class Intake:
    """Intake of questions. Every method raises StoreUnavailable, upon which Slack should retry."""

    def __init__(self, workspaces: Workspaces, ledger: Ledger, rules: RuleStore, worker: Worker) -> None:
        self._workspaces = workspaces
        self._ledger = ledger
        self._rules = rules
        self._worker = worker
        self._waiting: list[tuple[Incoming, asyncio.Future[None]]] = []
        self._storing: asyncio.Task[None] | None = None

    async def take_event(self, body: Payload) -> None:
        """Accept a message or mention."""
        if (bot := self._bot(body)) and (incoming := from_event(body, bot)):
            if incoming.trigger is Trigger.FOLLOW_UP and not await self._is_question(body, incoming, bot):
                return
            await self.take(incoming)

    async def take_command(self, body: Payload) -> None:
        """Accept a slash command."""
        if (bot := self._bot(body)) and (incoming := from_command(body, bot)):
            await self.take(incoming)

    async def take_shortcut(self, body: Payload) -> None:
        """Accept a message shortcut."""
        if (bot := self._bot(body)) and (incoming := from_shortcut(body, bot)):
            await self.take(incoming)

    async def take(self, incoming: Incoming) -> None:
        """Store a question on disk, once, however often it arrives; concurrent ones in one transaction.

        Slack waits three seconds, and a commit takes milliseconds: of a burst each would wait for all others.
        """
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((incoming, stored))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_waiting())
        await stored

    async def _store_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            requests = [stored for _, stored in batch]
            try:
                n_new = await asyncio.to_thread(self._ledger.accept, [incoming for incoming, _ in batch])
            except asyncio.CancelledError:
                for stored in requests:
                    stored.cancel()
                raise
            except BaseException as error:  # none of the batch may be acknowledged
                for stored in requests:
                    if not stored.done():
                        stored.set_exception(error)
                continue
            if n_new:
                self._worker.wake()
            for stored in requests:
                if not stored.done():  # unlike that of a client that has gone
                    stored.set_result(None)

    def _bot(self, body: Payload) -> BotUser | None:
        return self._workspaces.bot(team_of(body))

    async def _is_question(self, body: Payload, incoming: Incoming, bot: BotUser) -> bool:
        """Return whether a reply is a question: in a thread of the bot's, with follow-ups enabled."""
        is_bots_thread = (body.get("event") or {}).get("parent_user_id") == bot.user
        if not is_bots_thread and not await asyncio.to_thread(
            self._ledger.takes_part, incoming.team, incoming.channel, incoming.thread
        ):
            return False
        rules = await asyncio.to_thread(self._rules.read)
        origin = Origin(incoming.team, incoming.channel, incoming.kind or ChannelKind.PUBLIC, incoming.user)
        return rules.answer_settings(origin).followups
