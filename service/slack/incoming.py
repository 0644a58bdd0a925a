"""Payloads of Slack, turned into questions: pure. What is no question is None.

Whoever edits, joins or is a bot asks nothing. The same message may come as several events, as a mention and
as a message; both become the same question.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.slack.channels import ChannelKind
from service.slack.types import Incoming, Way

Payload = Mapping[str, Any]

# A "channel" may be shared with strangers; Slack says so only when asked.
_KINDS = {"group": ChannelKind.PRIVATE, "mpim": ChannelKind.PRIVATE, "im": ChannelKind.DIRECT}
_QUESTION_SUBTYPES = (None, "file_share", "thread_broadcast")  # of all others none is somebody's new words
_SOMEBODY = re.compile(r"<@[UW]\w*|<!(?:subteam\^|here|channel|everyone)")
_ENTITY = re.compile(r"<([^<>]*)>")
_BLANKS = re.compile(r"[ \t]+")
MOST_CHARS = 12_000  # far beyond the longest question; a message may hold 40,000


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot in one workspace, as itself. user: its member id, with which it is mentioned."""

    team: str
    user: str
    bot_id: str = ""


def team_of(body: Payload) -> str:
    """The workspace whose bot is meant, which in a shared channel is not always that of whoever wrote."""
    for authorization in body.get("authorizations") or ():
        if team := authorization.get("team_id"):
            return str(team)
    return str(body.get("team_id") or (body.get("team") or {}).get("id") or "")


def from_event(body: Payload, bot: Bot) -> Incoming | None:
    """The question of an `app_mention` or `message` event; a follow-up still has to be looked at.

    A follow-up (`Way.FOLLOW_UP`) is one only in a thread that the bot takes part in, which the caller checks.
    """
    event = body.get("event") or {}
    user, ts, channel = (str(event.get(name) or "") for name in ("user", "ts", "channel"))
    if not (user and ts and channel) or user == bot.user or _is_not_new(event):
        return None
    text = str(event.get("text") or "")[:MOST_CHARS]
    mention = f"<@{bot.user}"
    kind = _KINDS.get(str(event.get("channel_type")), _kind_of(channel))
    if body.get("is_ext_shared_channel"):
        kind = ChannelKind.EXTERNAL
    is_direct = event.get("channel_type") == "im" or channel.startswith("D")
    thread = str(event.get("thread_ts") or "")
    if event.get("type") == "app_mention" or f"{mention}>" in text or f"{mention}|" in text:
        way = Way.DIRECT if is_direct else Way.MENTION
    elif is_direct:
        way = Way.DIRECT
    elif thread and thread != ts and text.strip() and not _SOMEBODY.search(text):
        way = Way.FOLLOW_UP
    else:
        return None
    return Incoming(
        team=bot.team,
        channel=channel,
        ts=ts,
        user=user,
        text=plain(text, bot),
        way=way,
        kind=kind,
        thread=thread or ts,
        message=ts,
    )


def from_command(body: Payload, bot: Bot) -> Incoming | None:
    """The question behind `/inyong`, which only its asker sees."""
    channel, user = str(body.get("channel_id") or ""), str(body.get("user_id") or "")
    trigger = str(body.get("trigger_id") or "")
    if not (channel and user and trigger):
        return None
    return Incoming(
        team=bot.team,
        channel=channel,
        ts=f"command:{trigger}",
        user=user,
        text=plain(str(body.get("text") or "")[:MOST_CHARS], bot),
        way=Way.COMMAND,
        kind=_kind_of(channel),
        response_url=str(body.get("response_url") or ""),
    )


def from_shortcut(body: Payload, bot: Bot) -> Incoming | None:
    """The message that somebody chose to ask about, answered in its thread."""
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or "")
    user, trigger = str((body.get("user") or {}).get("id") or ""), str(body.get("trigger_id") or "")
    ts = str(message.get("ts") or body.get("message_ts") or "")
    if not (channel and user and trigger and ts):
        return None
    return Incoming(
        team=bot.team,
        channel=channel,
        ts=f"shortcut:{trigger}",
        user=user,
        text=plain(str(message.get("text") or "")[:MOST_CHARS], bot),
        way=Way.SHORTCUT,
        kind=_kind_of(channel),
        thread=str(message.get("thread_ts") or ts),
        message=ts,
        response_url=str(body.get("response_url") or ""),
    )


def plain(text: str, bot: Bot) -> str:
    """The words of a message as they were typed: without the bot's mention, links as their label."""
    without = re.sub(rf"<@{re.escape(bot.user)}(?:\|[^<>]*)?>", " ", text)
    return html.unescape(_BLANKS.sub(" ", _ENTITY.sub(_words, without))).strip()


def _words(entity: re.Match[str]) -> str:
    """What a reader sees of `<#C1|general>`, `<https://…|label>`, `<!here>`, `<@U1>`."""
    target, bar, label = entity[1].partition("|")
    if bar and label:
        return f"#{label}" if target.startswith("#") else label
    if target.startswith(("@", "#", "!")):
        return " "  # an id says nothing, and nobody is to be called by the answer
    return target.removeprefix("mailto:")


def _is_not_new(event: Payload) -> bool:
    """Whether it is a bot's, an edit, or something that Slack itself says."""
    return bool(
        event.get("bot_id")
        or event.get("edited")
        or event.get("hidden")
        or event.get("subtype") not in _QUESTION_SUBTYPES
    )


def _kind_of(channel: str) -> ChannelKind | None:
    return ChannelKind.DIRECT if channel.startswith("D") else None
