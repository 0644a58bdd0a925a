"""A pressed button, from Slack's payload to what happens in Slack; what that is, `actions` decides."""

import asyncio
from collections.abc import Sequence
from weakref import WeakValueDictionary

from service.slack.actions import Actions, Ask, Click, Open, Share, Tell, click_of
from service.slack.calling import Calls
from service.slack.door import Door
from service.slack.elements import Message
from service.slack.incoming import Payload
from service.slack.kinds import Kinds
from service.slack.ledger import Ledger
from service.slack.posting import Posting
from service.slack.types import Incoming, Way
from service.slack.workspaces import Workspaces

_FIRST_SHARED = 2000  # parts of a task's posts that are its answer, shared


class Clicking:
    """Carries out what buttons stand for. Of one event loop."""

    def __init__(
        self,
        actions: Actions,
        door: Door,
        workspaces: Workspaces,
        *,
        ledger: Ledger,
        calls: Calls,
        posting: Posting,
        kinds: Kinds,
    ) -> None:
        self._actions = actions
        self._door = door
        self._workspaces = workspaces
        self._ledger = ledger
        self._calls = calls
        self._posting = posting
        self._kinds = kinds
        self._sharing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by answer

    async def press(self, body: Payload) -> None:
        """One pressed button. Raises SlackRefused, TokenGone, SlackUnreachable, StoreUnavailable."""
        click = click_of(body)
        if click is None or self._workspaces.bot(click.team) is None:
            return
        trigger, response_url = str(body.get("trigger_id") or ""), str(body.get("response_url") or "")
        kind = await self._kinds.of(click.team, click.channel)
        outcome = await asyncio.to_thread(self._actions.act, click, kind)
        match outcome:
            case Tell(message):
                await self._tell(click, message, response_url)
            case Open(view):
                token = self._workspaces.token(click.team)
                await self._calls.call(token, "views.open", {"trigger_id": trigger, "view": dict(view)})
            case Share(messages, told):
                await self._share(click, messages)
                await self._tell(click, told, response_url)
            case Ask(question):
                await self._door.take(again(click, question, body))

    async def _share(self, click: Click, messages: Sequence[Message]) -> None:
        """Posts the answer for everybody, once, however often the button is pressed."""
        async with self._sharing.setdefault(click.answer_id, asyncio.Lock()):
            task = await self._ledger.of_answer(click.answer_id)
            for part, message in enumerate(messages, _FIRST_SHARED):
                if task and task.posts.get(part):
                    continue
                key = f"share.{click.answer_id}.{part}"
                ts = await self._posting.post(
                    click.team, click.channel, message, thread=click.thread, key=key
                )
                if task:
                    await self._ledger.note_post(task, part, ts)

    async def _tell(self, click: Click, message: Message, response_url: str) -> None:
        if response_url:
            await self._posting.respond(response_url, message, replace=False)
        else:
            await self._posting.show(click.team, click.channel, click.user, message, thread=click.thread)


def again(click: Click, question: str, body: Payload) -> Incoming:
    """The question, asked anew by whoever pressed the button, for those who read the answer with it.

    A response_url replaces the message with the button: where others see that one, it stays as it is, and the
    new answer comes into its thread, with the rights of all who read it.
    """
    message = str(
        (body.get("container") or {}).get("message_ts") or (body.get("message") or {}).get("ts") or ""
    )
    return Incoming(
        team=click.team,
        channel=click.channel,
        ts=f"again:{body.get('trigger_id')}",
        user=click.user,
        text=question,
        way=Way.AGAIN,
        thread="" if click.alone else click.thread or message,
        response_url=str(body.get("response_url") or "") if click.alone else "",
    )
