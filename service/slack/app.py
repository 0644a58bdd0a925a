"""Slack's events through slack-bolt, by Socket Mode or signed HTTP; the only module that imports bolt."""

import asyncio
import hashlib
import hmac
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from time import time
from typing import TYPE_CHECKING, Any

from service.slack.intake import Intake
from service.slack.web_api import SLACK_API
from service.slack.workspaces import Workspaces

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

_GOOD_FOR_S = 300.0  # as Slack recommends
_MAX_KNOWN = 100_000


class Signatures:
    """Verifier of request signatures, with those answered recently. Bound to one event loop."""

    def __init__(self, secret: str, clock: Callable[[], float] = time) -> None:
        """Start with no known signatures. clock: seconds since 1970."""
        self._secret = secret.encode()
        self._clock = clock
        self._answered: OrderedDict[str, float] = OrderedDict()  # expiry by signature

    def proves(self, body: bytes, timestamp: str, signature: str) -> bool:
        """Return whether Slack signed this body within five minutes of now, and it is not yet answered."""
        is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
        if not is_number or abs(self._clock() - int(timestamp)) > _GOOD_FOR_S:
            return False
        digest = hmac.new(self._secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v0={digest}".encode(), signature.encode("utf-8", "replace")):
            return False
        return signature not in self._answered

    def note_answered(self, signature: str) -> None:
        """Record that the request was answered; one that failed may be sent again."""
        now = self._clock()
        while self._answered and (
            len(self._answered) >= _MAX_KNOWN or next(iter(self._answered.values())) < now
        ):
            self._answered.popitem(last=False)
        self._answered[signature] = now + 2 * _GOOD_FOR_S  # the timestamp may be five minutes ahead


_LOOK_EVERY_S = 5.0
_PING_EVERY_S = 5.0
_ACTION_S = 1.5  # Slack's deadline is three seconds
_EVERYTHING = re.compile("")
_TICKET = re.compile(r"(wss?://[^\s?'\"]+)\?[^\s'\"]*")

_log = logging.getLogger("service.slack.bolt")

Payload = Mapping[str, Any]
OnAction = Callable[[Payload], Awaitable[None]]


class UnreadableRequest(Exception):
    """A request body that is not a Slack payload."""


def build_app(
    intake: Intake,
    workspaces: Workspaces,
    *,
    on_action: OnAction,
    api_url: str = SLACK_API,
) -> "AsyncApp":
    """Build the app. Question listeners only store; bolt acknowledges once that is done.

    on_action: called on each button press. Signatures are verified before requests get
    here (`signatures`): bolt parses the body first, and accepts replays.
    """
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult
    from slack_sdk.web.async_client import AsyncWebClient

    _log.setLevel(logging.ERROR)  # it warns of a token in the environment, which it does not use
    _log.addFilter(_without_tickets)

    async def authorize(team_id: str | None, **others: object) -> Any:  # bolt accepts None, its types do not
        bot = workspaces.bot(team_id or "")
        if bot is None:
            return None
        return AuthorizeResult(
            enterprise_id=None,
            team_id=bot.team,
            bot_user_id=bot.user,
            bot_id=bot.bot_id,
            bot_token=workspaces.token(bot.team),
        )

    app = AsyncApp(
        name="inyong",
        logger=_log,
        client=AsyncWebClient(base_url=api_url, logger=_log),
        authorize=authorize,
        request_verification_enabled=False,
        process_before_response=True,  # acknowledge once on disk; otherwise Slack retries
    )

    _log.setLevel(logging.WARNING)  # below that bolt logs message texts

    async def take_event(body: Payload) -> None:
        await intake.take_event(body)

    async def take_command(body: Payload, ack: Callable[[], Awaitable[object]]) -> None:
        await intake.take_command(body)
        await ack()

    async def take_shortcut(body: Payload, ack: Callable[[], Awaitable[object]]) -> None:
        await intake.take_shortcut(body)
        await ack()

    running: set[asyncio.Task[None]] = set()

    async def take_action(body: Payload, ack: Callable[[], Awaitable[object]]) -> None:
        handling = asyncio.ensure_future(_handle_action(on_action, body))
        running.add(handling)
        handling.add_done_callback(running.discard)
        await asyncio.wait([handling], timeout=_ACTION_S)  # by then a question asked again is on disk
        await ack()

    async def ignore(ack: Callable[[], Awaitable[object]]) -> None:
        await ack()

    app.event("app_mention")(take_event)
    app.event("message")(take_event)
    app.event(_EVERYTHING)(ignore)
    app.command(_EVERYTHING)(take_command)
    app.message_shortcut(_EVERYTHING)(take_shortcut)
    app.global_shortcut(_EVERYTHING)(ignore)
    app.action(_EVERYTHING)(take_action)
    app.view(_EVERYTHING)(ignore)
    return app


async def dispatch(
    app: "AsyncApp", body: bytes, headers: Mapping[str, str]
) -> tuple[int, str, Mapping[str, str]]:
    """Dispatch a verified request; return the status, body and headers of the response.

    Raises UnreadableRequest.
    """
    from slack_bolt.async_app import AsyncBoltRequest

    try:
        request = AsyncBoltRequest(body=body.decode(), headers=dict(headers))
    except (ValueError, TypeError, AttributeError) as error:  # bolt expects a JSON object
        raise UnreadableRequest from error
    response = await app.async_dispatch(request)
    return response.status, str(response.body or ""), response.first_headers_without_set_cookie()


class Socket:
    """The Socket Mode connection, re-established whenever it breaks."""

    def __init__(self, app: "AsyncApp", app_token: str) -> None:
        """Create the handler. Must run in the event loop."""
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        self._handler = AsyncSocketModeHandler(app, app_token, logger=_log, ping_interval=_PING_EVERY_S)
        self._watching: asyncio.Task[None] | None = None

    async def connect(self, url: str) -> None:
        """Connect to the URL returned by apps.connections.open."""
        self._handler.client.wss_uri = url
        self._watching = asyncio.create_task(self._watch())
        await self._handler.client.connect()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Close the connection."""
        if self._watching:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        await self._handler.client.close()  # type: ignore[no-untyped-call]

    async def _watch(self) -> None:
        """Clear the URL while disconnected, so that the client requests a new one.

        The client retries the same URL forever, but each is valid for one connection within seconds.
        """
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if not await self._handler.client.is_connected():
                self._handler.client.wss_uri = None


async def _handle_action(on_action: OnAction, body: Payload) -> None:
    try:
        await on_action(body)
    except Exception:  # outermost edge of a click
        _log.exception("a button failed")


def _without_tickets(record: logging.LogRecord) -> bool:
    """Redact connection tickets, which authenticate as the bot, from a log record."""
    record.msg, record.args = _TICKET.sub(r"\1", record.getMessage()), ()
    if record.exc_info and "://" in str(record.exc_info[1]):
        record.exc_info = None
    return True
