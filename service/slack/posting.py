"""Post the bot's messages and reactions, once each.

Idempotent calls are retried after any failure. Posting a new message is not idempotent: it carries its key as
metadata, and before it is posted again its thread is searched for it.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from service.slack.blocks import Message
from service.slack.web_api import (
    MAX_TRIES,
    Data,
    ResponseLost,
    SlackApi,
    SlackRefused,
    SlackUnreachable,
    backoff_s,
)

_EVENT_TYPE = "inyong_message"
_REPLIES_A_PAGE = 200
_MAX_PAGES = 10
# No link previews, and names in the text notify nobody.
_QUIET = {"unfurl_links": False, "unfurl_media": False, "link_names": False, "parse": "none"}

_log = logging.getLogger(__name__)


class Posting:
    """Messages and reactions of the bots of all workspaces.

    Every method raises SlackRefused, TokenGone and SlackUnreachable.
    """

    def __init__(self, api: SlackApi, token_of: Callable[[str], str]) -> None:
        """Send nothing yet. token_of: bot token by workspace id; raises TokenGone if there is none."""
        self._api = api
        self._token_of = token_of

    async def post(
        self, team: str, channel: str, message: Message, *, thread: str, key: str, may_exist: bool = False
    ) -> str:
        """Post a message once; return its ts. thread: "" for none. key: identifies it, unique in its thread.

        may_exist: whether an earlier process may have posted it. Remaining gap: if Slack accepts a message
        without a response and does not list it seconds later, or if there is no readable thread, it may be
        posted twice; a duplicate is better than silence.
        """
        body = {
            "channel": channel,
            "metadata": {"event_type": _EVENT_TYPE, "event_payload": {"key": key}},
            **({"thread_ts": thread} if thread else {}),
            **_QUIET,
            **_content(message),
        }
        for n in range(MAX_TRIES):
            if (may_exist or n) and (found := await self._find(team, channel, thread, key)):
                return found
            try:
                posted = await self._api.call(
                    self._token_of(team), "chat.postMessage", body, repeatable=False
                )
                return str(posted["ts"])
            except ResponseLost as error:
                _log.warning("Slack did not say whether it took a message: %s", error)
                await asyncio.sleep(backoff_s(n + 1))
        raise SlackUnreachable("a message could not be posted")

    async def update(
        self, team: str, channel: str, ts: str, message: Message, *, is_optional: bool = False
    ) -> None:
        """Replace the content of a bot's message. is_optional: whether to neither wait nor retry."""
        body = {"channel": channel, "ts": ts, "link_names": False, "parse": "none", **_content(message)}
        tries = 1 if is_optional else MAX_TRIES
        await self._api.call(self._token_of(team), "chat.update", body, tries=tries, waits=not is_optional)

    async def show(self, team: str, channel: str, user: str, message: Message, *, thread: str = "") -> None:
        """Post an ephemeral message to one user; twice if Slack accepts it without a response."""
        placed = {"thread_ts": thread} if thread else {}
        body = {"channel": channel, "user": user, **placed, **_QUIET, **_content(message)}
        await self._api.call(self._token_of(team), "chat.postEphemeral", body)

    async def respond(
        self, response_url: str, message: Message, *, replace: bool, is_optional: bool = False
    ) -> None:
        """Show a message to the user of a command or button; Slack allows five within half an hour.

        replace: whether it replaces the original message.
        """
        body = {"response_type": "ephemeral", "replace_original": replace, **_QUIET, **_content(message)}
        tries = 1 if is_optional else MAX_TRIES
        await self._api.respond(response_url, body, tries=tries, waits=not is_optional)

    async def add_reaction(self, team: str, channel: str, ts: str, name: str) -> None:
        """Add a reaction to a message. Raises SlackBusy at once when rate limited."""
        await self._react("reactions.add", team, channel, ts, name, ("already_reacted",), waits=False)

    async def remove_reaction(self, team: str, channel: str, ts: str, name: str) -> None:
        """Remove the bot's reaction from a message."""
        await self._react("reactions.remove", team, channel, ts, name, ("no_reaction", "message_not_found"))

    async def channel(self, team: str, channel: str) -> Data:
        """Return a channel's description by conversations.info."""
        found = await self._api.call(
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
        done_codes: tuple[str, ...],
        *,
        waits: bool = True,
    ) -> None:
        """Call a reaction method. done_codes: error codes that mean it is already done."""
        body = {"channel": channel, "timestamp": ts, "name": name}
        try:
            await self._api.call(self._token_of(team), method, body, waits=waits)
        except SlackRefused as error:
            if error.code not in done_codes:
                raise

    async def _find(self, team: str, channel: str, thread: str, key: str) -> str | None:
        """Return the ts of the message with this key in the thread; None if absent or unreadable."""
        if not thread:
            return None
        body: dict[str, Any] = {
            "channel": channel,
            "ts": thread,
            "limit": _REPLIES_A_PAGE,
            "include_all_metadata": True,
        }
        for _ in range(_MAX_PAGES):
            try:
                page = await self._api.call(self._token_of(team), "conversations.replies", body, is_read=True)
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


def _content(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": list(message.blocks)}
