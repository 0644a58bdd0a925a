"""What the buttons below an answer do. Rights are those of this moment, not of when it was given.

A button carries ids only. Everything else is looked up for the one who asked, within what may be seen where
the button was pressed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from index.catalog import Catalog
from service.access import Caller
from service.archive import Archive, KeptAnswer, Rating, UnknownAnswer
from service.slack.blocks import (
    ASK_AGAIN,
    RATE_DOWN,
    RATE_UP,
    SHARE,
    SHOW_PASSAGES,
    Controls,
    render_reply,
    render_status,
)
from service.slack.channels import ChannelKind, RuleStore, Where
from service.slack.elements import Message
from service.slack.kept import Recall
from service.slack.phrases import phrases_in
from service.slack.replies import Links
from service.slack.views import render_passages

_VALUE = re.compile(r"([0-9a-zA-Z-]{1,64}):([A-Z0-9]{1,40})")


@dataclass(frozen=True, slots=True)
class Click:
    """A button that was pressed. user: who pressed it; asker: who got the answer.

    alone: whether only the asker sees the message with the button. thread: ts of the thread it stands in, ""
    where it stands in none.
    """

    action: str
    answer_id: str
    asker: str
    team: str
    channel: str
    user: str
    thread: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """To be shown to who pressed the button, and nobody else."""

    message: Message


@dataclass(frozen=True, slots=True)
class Open:
    """A window to be opened for who pressed the button."""

    view: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Share:
    """Messages to be posted where everybody sees them, and what to tell who pressed the button then."""

    messages: tuple[Message, ...]
    told: Message


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to be asked anew, for who pressed the button."""

    question: str


Outcome = Tell | Open | Share | Ask


@dataclass(frozen=True, slots=True)
class Actions:
    """The buttons of one store."""

    archive: Archive
    catalog: Callable[[], Catalog]
    rules: RuleStore
    links: Links

    def act(self, click: Click, kind: ChannelKind) -> Outcome:
        """What is to happen now. Blocks, for a few reads. kind: of the channel, as known now.

        Raises StoreUnavailable.
        """
        alone = click.alone and click.user == click.asker
        caller = self._caller(click, kind, alone=alone)
        try:
            kept = self.archive.find(click.answer_id, caller)
            return self._act_on(kept, click, kind, caller)
        except UnknownAnswer:
            return Tell(render_status(phrases_in(self._language(click, kind)).not_kept))

    def _act_on(self, kept: KeptAnswer, click: Click, kind: ChannelKind, caller: Caller) -> Outcome:
        phrases = phrases_in(str(kept.body["language"]))
        if click.action in (RATE_UP, RATE_DOWN):
            rating = Rating.UP if click.action == RATE_UP else Rating.DOWN
            self.archive.add_feedback(kept.id, caller, rating)
            return Tell(render_status(phrases.thanks))
        if click.action == ASK_AGAIN:
            return Ask(str(kept.body["question"]))
        if click.action == SHOW_PASSAGES:
            return Open(render_passages(Recall(kept, self.catalog(), caller), self.links))
        if click.action == SHARE and click.user == click.asker:
            return self._share(click, kind)
        raise UnknownAnswer(f"{click.action}: no such button")

    def _share(self, click: Click, kind: ChannelKind) -> Outcome:
        """The answer for all, when all may see everything that it was made of."""
        everybody = self._caller(click, kind, alone=False)
        phrases = phrases_in(self._language(click, kind))
        try:
            recall = Recall(self.archive.find(click.answer_id, everybody), self.catalog(), everybody)
        except UnknownAnswer:
            return Tell(render_status(phrases.share_refused))
        phrases = phrases_in(recall.language)
        if not recall.all_there():
            return Tell(render_status(phrases.share_refused))
        messages = render_reply(
            recall.reply(), self.links, Controls(click.answer_id, click.asker), question=recall.question
        )
        return Share(tuple(messages), render_status(phrases.share_done))

    def _caller(self, click: Click, kind: ChannelKind, *, alone: bool) -> Caller:
        where = Where(click.team, click.channel, kind, click.asker)
        return self.rules.read().caller(where, alone=alone)

    def _language(self, click: Click, kind: ChannelKind) -> str:
        where = Where(click.team, click.channel, kind, click.user)
        return self.rules.read().manner(where).language or "ko"


def click_of(body: Mapping[str, Any]) -> Click | None:
    """The click of a `block_actions` payload; None for one that no button of ours sends."""
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
            asker=value[2],
            team=str((body.get("team") or body["user"])["id" if body.get("team") else "team_id"]),
            channel=str((body.get("channel") or {}).get("id") or container["channel_id"]),
            user=str(body["user"]["id"]),
            thread=str(message.get("thread_ts") or container.get("thread_ts") or ""),
            alone=bool(container.get("is_ephemeral")),
        )
    except (KeyError, IndexError, TypeError):
        return None
