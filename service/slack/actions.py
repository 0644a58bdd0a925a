"""Handle the buttons below an answer. Permissions are checked at each press."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from index.store import Catalog
from service.slack.blocks import (
    ASK_AGAIN,
    RATE_DOWN,
    RATE_UP,
    SHARE,
    SHOW_PASSAGES,
    Controls,
    Message,
    render_passages,
    render_reply,
    render_status,
)
from service.slack.events import Payload
from service.slack.intake import Intake
from service.slack.ledger import Ledger
from service.slack.phrases import phrases_in
from service.slack.posting import Posting
from service.slack.replies import Links, StoredReply
from service.slack.rules import ChannelKind, ChannelKinds, Origin, RuleStore
from service.slack.types import Incoming, Post, Trigger
from service.slack.web_api import SlackApi
from service.slack.workspaces import Workspaces
from service.storage.answers import Archive, KeptAnswer, Rating, UnknownAnswer
from service.storage.permissions import Caller

_VALUE = re.compile(r"([0-9a-zA-Z-]{1,64}):([A-Z0-9]{1,40})")


@dataclass(frozen=True, slots=True)
class Click:
    """A button press. user: who pressed it; requester: who requested the answer.

    is_private: whether the message with the button is ephemeral. thread, message: ts of the message's thread
    and of the message, "" for none.
    """

    action: str
    answer_id: str
    requester: str
    team: str
    channel: str
    user: str
    thread: str = ""
    message: str = ""
    is_private: bool = False
    trigger_id: str = ""
    response_url: str = ""


@dataclass(frozen=True, slots=True)
class ShareAnswer:
    """A message to post publicly, and the confirmation for the user who pressed the button."""

    message: Message
    confirmation: Message


@dataclass(frozen=True, slots=True)
class AskAgain:
    """A question to ask again for the user who pressed the button."""

    question: str


# A message to show only to the user who pressed the button, a modal to open for them, or one of the above.
Outcome = Message | dict[str, Any] | ShareAnswer | AskAgain


@dataclass(frozen=True, slots=True)
class Actions:
    """Handles button presses for one store."""

    archive: Archive
    catalog: Callable[[], Catalog]
    rules: RuleStore
    links: Links

    def act(self, click: Click, kind: ChannelKind) -> Outcome:
        """Return the outcome of a click. Blocks for a few reads. kind: current kind of the channel.

        Raises StoreUnavailable.
        """
        caller = self._caller(click, kind, is_private=click.is_private and click.user == click.requester)
        try:
            return self._act_on(self.archive.find(click.answer_id, caller), click, kind, caller)
        except UnknownAnswer:
            return render_status(phrases_in(self._language(click, kind)).not_stored)

    def _act_on(self, stored: KeptAnswer, click: Click, kind: ChannelKind, caller: Caller) -> Outcome:
        if click.action in (RATE_UP, RATE_DOWN):
            rating = Rating.UP if click.action == RATE_UP else Rating.DOWN
            self.archive.add_feedback(stored.id, caller, rating)
            return render_status(phrases_in(str(stored.body["language"])).thanks)
        if click.action == ASK_AGAIN:
            return AskAgain(str(stored.body["question"]))
        if click.action == SHOW_PASSAGES:
            return render_passages(StoredReply(stored, self.catalog(), caller), self.links)
        if click.action == SHARE and click.user == click.requester:
            return self._share(click, kind)
        raise UnknownAnswer(f"{click.action}: no such button")

    def _share(self, click: Click, kind: ChannelKind) -> Outcome:
        """Return the answer for public posting, or a refusal if not everyone may see its documents."""
        everybody = self._caller(click, kind, is_private=False)
        refused = render_status(phrases_in(self._language(click, kind)).share_refused)
        try:
            stored = StoredReply(self.archive.find(click.answer_id, everybody), self.catalog(), everybody)
        except UnknownAnswer:
            return refused
        if not stored.is_visible():
            return refused
        controls = Controls(click.answer_id, click.requester)
        message = render_reply(stored.reply(), self.links, controls, question=stored.question)
        return ShareAnswer(message, render_status(phrases_in(stored.language).share_done))

    def _caller(self, click: Click, kind: ChannelKind, *, is_private: bool) -> Caller:
        origin = Origin(click.team, click.channel, kind, click.requester)
        return self.rules.read().caller(origin, is_private=is_private)

    def _language(self, click: Click, kind: ChannelKind) -> str:
        origin = Origin(click.team, click.channel, kind, click.user)
        return self.rules.read().answer_settings(origin).language or "ko"


def click_of(body: Payload) -> Click | None:
    """Parse a `block_actions` payload; return None if none of our buttons sent it."""
    try:
        action = body["actions"][0]
        container = body.get("container") or {}
        message = body.get("message") or {}
        value = _VALUE.fullmatch(str(action["value"]))
        if value is None:
            return None
        return Click(
            action=str(action["action_id"]),
            answer_id=value[1],
            requester=value[2],
            team=str((body.get("team") or body["user"])["id" if body.get("team") else "team_id"]),
            channel=str((body.get("channel") or {}).get("id") or container["channel_id"]),
            user=str(body["user"]["id"]),
            thread=str(message.get("thread_ts") or container.get("thread_ts") or ""),
            message=str(container.get("message_ts") or message.get("ts") or ""),
            is_private=bool(container.get("is_ephemeral")),
            trigger_id=str(body.get("trigger_id") or ""),
            response_url=str(body.get("response_url") or ""),
        )
    except (KeyError, IndexError, TypeError):
        return None


def repeat_question(click: Click, question: str) -> Incoming:
    """Return the question as asked again by the user who pressed the button, for the same audience.

    A response_url replaces the message with the button. Where others see that message, it is left alone, and
    the new answer is posted in its thread, limited to what all its readers may see.
    """
    return Incoming(
        team=click.team,
        channel=click.channel,
        ts=f"again:{click.trigger_id}",
        user=click.user,
        text=question,
        trigger=Trigger.AGAIN,
        thread="" if click.is_private else click.thread or click.message,
        response_url=click.response_url if click.is_private else "",
    )


class ButtonHandler:
    """Handler of button presses. Bound to one event loop."""

    def __init__(
        self,
        actions: Actions,
        intake: Intake,
        workspaces: Workspaces,
        *,
        ledger: Ledger,
        api: SlackApi,
        posting: Posting,
        kinds: ChannelKinds,
    ) -> None:
        self._actions = actions
        self._intake = intake
        self._workspaces = workspaces
        self._ledger = ledger
        self._api = api
        self._posting = posting
        self._kinds = kinds
        self._sharing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by answer

    async def press(self, body: Payload) -> None:
        """Handle one button press. Raises SlackRefused, TokenGone, SlackUnreachable, StoreUnavailable."""
        click = click_of(body)
        if click is None or self._workspaces.bot(click.team) is None:
            return
        kind = await self._kinds.of(click.team, click.channel)
        outcome = await asyncio.to_thread(self._actions.act, click, kind)
        match outcome:
            case Message():
                await self._notify(click, outcome)
            case dict():
                opening = {"trigger_id": click.trigger_id, "view": outcome}
                await self._api.call(self._workspaces.token(click.team), "views.open", opening)
            case ShareAnswer(message, confirmation):
                await self._share(click, message)
                await self._notify(click, confirmation)
            case AskAgain(question):
                await self._intake.take(repeat_question(click, question))

    async def _share(self, click: Click, message: Message) -> None:
        """Post the answer publicly, once, however often the button is pressed."""
        async with self._sharing.setdefault(click.answer_id, asyncio.Lock()):
            task = await asyncio.to_thread(self._ledger.find_by_answer, click.answer_id)
            if task and task.posts.get(Post.SHARED):
                return
            key = f"share.{click.answer_id}.{Post.SHARED.value}"
            ts = await self._posting.post(click.team, click.channel, message, thread=click.thread, key=key)
            if task:
                await asyncio.to_thread(self._ledger.note_post, task, Post.SHARED, ts)

    async def _notify(self, click: Click, message: Message) -> None:
        if click.response_url:
            await self._posting.respond(click.response_url, message, replace=False)
        else:
            await self._posting.show(click.team, click.channel, click.user, message, thread=click.thread)
