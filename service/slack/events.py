"""Parse Slack's payloads into questions, or None for anything else. Pure.

Edits, joins and bots' messages are no questions. The same message may arrive as several events, as a mention
and as a message; both become the same question.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.slack.rules import ChannelKind
from service.slack.types import Incoming, Trigger

Payload = Mapping[str, Any]

# A "channel" may also be shared externally, which conversations.info reveals.
_KINDS = {"group": ChannelKind.PRIVATE, "mpim": ChannelKind.PRIVATE, "im": ChannelKind.DIRECT}
_QUESTION_SUBTYPES = (None, "file_share", "thread_broadcast")  # no other subtype is a user's new message
_MENTIONS = re.compile(r"<@[UW]\w*|<!(?:subteam\^|here|channel|everyone)")
_ENTITY = re.compile(r"<([^<>]*)>")
_BLANKS = re.compile(r"[ \t]+")
MAX_CHARS = 12_000  # far beyond the longest question; a message may hold 40,000


@dataclass(frozen=True, slots=True)
class BotUser:
    """The bot's identity in one workspace. user: its member id, used in mentions."""

    team: str
    user: str
    bot_id: str = ""


def team_of(body: Payload) -> str:
    """Return the workspace whose bot is addressed; in a shared channel, not always the author's."""
    for authorization in body.get("authorizations") or ():
        if team := authorization.get("team_id"):
            return str(team)
    return str(body.get("team_id") or (body.get("team") or {}).get("id") or "")


def from_event(body: Payload, bot: BotUser) -> Incoming | None:
    """Return the question of an `app_mention` or `message` event; None if it holds none.

    A follow-up (`Trigger.FOLLOW_UP`) is valid only in a thread with the bot, which the caller checks.
    """
    event = body.get("event") or {}
    user, ts, channel = (str(event.get(name) or "") for name in ("user", "ts", "channel"))
    if not (user and ts and channel) or user == bot.user or _is_no_question(event):
        return None
    text = str(event.get("text") or "")[:MAX_CHARS]
    mention = f"<@{bot.user}"
    kind = _KINDS.get(str(event.get("channel_type")), _kind_of(channel))
    if body.get("is_ext_shared_channel"):
        kind = ChannelKind.EXTERNAL
    is_direct = event.get("channel_type") == "im" or channel.startswith("D")
    thread = str(event.get("thread_ts") or "")
    if event.get("type") == "app_mention" or f"{mention}>" in text or f"{mention}|" in text:
        trigger = Trigger.DIRECT if is_direct else Trigger.MENTION
    elif is_direct:
        trigger = Trigger.DIRECT
    elif thread and thread != ts and text.strip() and not _MENTIONS.search(text):
        trigger = Trigger.FOLLOW_UP
    else:
        return None
    return Incoming(
        team=bot.team,
        channel=channel,
        ts=ts,
        user=user,
        text=plain(text, bot),
        trigger=trigger,
        kind=kind,
        thread=thread or ts,
        message=ts,
    )


def from_command(body: Payload, bot: BotUser) -> Incoming | None:
    """Return the question of `/inyong`, which only the requester sees."""
    channel, user = str(body.get("channel_id") or ""), str(body.get("user_id") or "")
    trigger_id = str(body.get("trigger_id") or "")
    if not (channel and user and trigger_id):
        return None
    return Incoming(
        team=bot.team,
        channel=channel,
        ts=f"command:{trigger_id}",
        user=user,
        text=plain(str(body.get("text") or "")[:MAX_CHARS], bot),
        trigger=Trigger.COMMAND,
        kind=_kind_of(channel),
        response_url=str(body.get("response_url") or ""),
    )


def from_shortcut(body: Payload, bot: BotUser) -> Incoming | None:
    """Return the question of a message shortcut, to be answered in the message's thread."""
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or "")
    user, trigger_id = str((body.get("user") or {}).get("id") or ""), str(body.get("trigger_id") or "")
    ts = str(message.get("ts") or body.get("message_ts") or "")
    if not (channel and user and trigger_id and ts):
        return None
    return Incoming(
        team=bot.team,
        channel=channel,
        ts=f"shortcut:{trigger_id}",
        user=user,
        text=plain(str(message.get("text") or "")[:MAX_CHARS], bot),
        trigger=Trigger.SHORTCUT,
        kind=_kind_of(channel),
        thread=str(message.get("thread_ts") or ts),
        message=ts,
        response_url=str(body.get("response_url") or ""),
    )


def plain(text: str, bot: BotUser) -> str:
    """Return a message's text as typed, without the bot's mention and with links as their labels."""
    without = re.sub(rf"<@{re.escape(bot.user)}(?:\|[^<>]*)?>", " ", text)
    return html.unescape(_BLANKS.sub(" ", _ENTITY.sub(_label, without))).strip()


def _label(entity: re.Match[str]) -> str:
    """Return what a reader sees of `<#C1|general>`, `<https://…|label>`, `<!here>`, `<@U1>`."""
    target, bar, label = entity[1].partition("|")
    if bar and label:
        return f"#{label}" if target.startswith("#") else label
    if target.startswith(("@", "#", "!")):
        return " "  # an id is no use in a question, and the answer must notify nobody
    return target.removeprefix("mailto:")


def _is_no_question(event: Payload) -> bool:
    """Return whether the event is a bot's message, an edit, or a system message."""
    return bool(
        event.get("bot_id")
        or event.get("edited")
        or event.get("hidden")
        or event.get("subtype") not in _QUESTION_SUBTYPES
    )


def _kind_of(channel: str) -> ChannelKind | None:
    return ChannelKind.DIRECT if channel.startswith("D") else None
