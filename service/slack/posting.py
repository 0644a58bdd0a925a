"""What the bot posts in Slack, once each.

What can be done twice without a difference is done again after any failure. A new message cannot: it carries
its key as metadata, and before it is posted again its thread is searched for it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

from service.slack.calling import (
    MOST_TRIES,
    Calls,
    Data,
    MayHaveHappened,
    SlackRefused,
    SlackUnreachable,
    backoff_s,
)
from service.slack.elements import Message

_EVENT_TYPE = "inyong_message"
_REPLIES_A_PAGE = 200
_MOST_PAGES = 10
# No previews of links, and nobody is called by a name that stands in the text.
_QUIET = {"unfurl_links": False, "unfurl_media": False, "link_names": False, "parse": "none"}

_log = logging.getLogger(__name__)


class _Patience(TypedDict):
    tries: int
    waits: bool


class Posting:
    """Messages and reactions of the bots of all workspaces.

    Every method raises SlackRefused, TokenGone and SlackUnreachable.
    """

    def __init__(
        self,
        calls: Calls,
        token_of: Callable[[str], str],
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """token_of: the bot token of a workspace, by its id; raises TokenGone when there is none."""
        self._calls = calls
        self._token_of = token_of
        self._sleep = sleep

    async def post(
        self, team: str, channel: str, message: Message, *, thread: str, key: str, may_exist: bool = False
    ) -> str:
        """Posts a message once; its ts. thread: "" for none. key: which message it is, unique in its thread.

        may_exist: whether a process that is gone may have posted it. What remains: Slack takes a message
        without saying so and does not show it in its thread seconds later, or there is no thread, or it may
        not be read; then it may be posted twice, for silence is worse than a repetition.
        """
        body = {
            "channel": channel,
            "metadata": {"event_type": _EVENT_TYPE, "event_payload": {"key": key}},
            **({"thread_ts": thread} if thread else {}),
            **_QUIET,
            **_content(message),
        }
        for n in range(MOST_TRIES):
            if (may_exist or n) and (found := await self._find(team, channel, thread, key)):
                return found
            try:
                posted = await self._calls.call(
                    self._token_of(team), "chat.postMessage", body, repeatable=False
                )
                return str(posted["ts"])
            except MayHaveHappened as error:
                _log.warning("Slack did not say whether it took a message: %s", error)
                await self._sleep(backoff_s(n + 1))
        raise SlackUnreachable("a message could not be posted")

    async def update(
        self, team: str, channel: str, ts: str, message: Message, *, is_optional: bool = False
    ) -> None:
        """Makes a message of the bot say this. is_optional: may be left out when Slack is busy."""
        body = {"channel": channel, "ts": ts, "link_names": False, "parse": "none", **_content(message)}
        await self._calls.call(self._token_of(team), "chat.update", body, **_patience(is_optional))

    async def show(self, team: str, channel: str, user: str, message: Message, *, thread: str = "") -> None:
        """Shows a message to one user, twice when Slack takes it without saying so."""
        placed = {"thread_ts": thread} if thread else {}
        body = {"channel": channel, "user": user, **placed, **_QUIET, **_content(message)}
        await self._calls.call(self._token_of(team), "chat.postEphemeral", body)

    async def respond(
        self, response_url: str, message: Message, *, replace: bool, is_optional: bool = False
    ) -> None:
        """Shows a message to whoever used a command or button; Slack takes five within half an hour.

        replace: in the place of the one before.
        """
        body = {"response_type": "ephemeral", "replace_original": replace, **_QUIET, **_content(message)}
        await self._calls.respond(response_url, body, **_patience(is_optional))

    async def add_reaction(self, team: str, channel: str, ts: str, name: str) -> None:
        """Puts a reaction on a message, unless Slack is busy: then raises SlackBusy."""
        await self._react("reactions.add", team, channel, ts, name, ("already_reacted",), waits=False)

    async def remove_reaction(self, team: str, channel: str, ts: str, name: str) -> None:
        """Takes the bot's reaction off a message."""
        await self._react("reactions.remove", team, channel, ts, name, ("no_reaction", "message_not_found"))

    async def channel(self, team: str, channel: str) -> Data:
        """What Slack knows of a channel."""
        found = await self._calls.call(
            self._token_of(team), "conversations.info", {"channel": channel}, is_read=True
        )
        described: Data = found["channel"]
        return described

    async def _react(
        self,
        method: str,
        team: str,
        channel: str,
        ts: str,
        name: str,
        already: tuple[str, ...],
        *,
        waits: bool = True,
    ) -> None:
        """already: refusals that mean that it is so."""
        body = {"channel": channel, "timestamp": ts, "name": name}
        try:
            await self._calls.call(self._token_of(team), method, body, waits=waits)
        except SlackRefused as error:
            if error.code not in already:
                raise

    async def _find(self, team: str, channel: str, thread: str, key: str) -> str | None:
        """Ts of the message with this key in the thread; None when there is none, or it may not be read."""
        if not thread:
            return None
        body: dict[str, Any] = {
            "channel": channel,
            "ts": thread,
            "limit": _REPLIES_A_PAGE,
            "include_all_metadata": True,
        }
        for _ in range(_MOST_PAGES):
            try:
                page = await self._calls.call(
                    self._token_of(team), "conversations.replies", body, is_read=True
                )
            except SlackRefused as error:
                _log.warning("a thread could not be searched for what was posted: %s", error)
                return None
            for message in page.get("messages") or ():
                if ((message.get("metadata") or {}).get("event_payload") or {}).get("key") == key:
                    return str(message["ts"])
            body["cursor"] = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not body["cursor"]:
                break
        return None


def _patience(is_optional: bool) -> _Patience:
    return {"tries": 1, "waits": False} if is_optional else {"tries": MOST_TRIES, "waits": True}


def _content(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": list(message.blocks)}
