"""Slack's events as slack-bolt brings them, by socket or HTTP; nothing else here knows of bolt."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from service.slack.calling import SLACK_API
from service.slack.door import Door
from service.slack.workspaces import Workspaces

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

_LOOK_EVERY_S = 5.0
_PING_EVERY_S = 5.0
_ACTION_S = 1.5  # Slack waits for three seconds
_EVERYTHING = re.compile("")
_TICKET = re.compile(r"(wss?://[^\s?'\"]+)\?[^\s'\"]*")

_log = logging.getLogger("service.slack.bolt")

Payload = Mapping[str, Any]
OnAction = Callable[[Payload], Awaitable[None]]


class UnreadableRequest(Exception):
    """The body of a request is nothing that Slack sends."""


def build_app(
    door: Door,
    workspaces: Workspaces,
    *,
    on_action: OnAction,
    api_url: str = SLACK_API,
) -> "AsyncApp":
    """The app: what listens only writes down, and bolt acknowledges when that is done.

    on_action: told of a pressed button. Signatures are checked before requests get
    here (`signatures`): bolt reads a body first, and takes the same one twice.
    """
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult
    from slack_sdk.web.async_client import AsyncWebClient

    _log.setLevel(logging.ERROR)  # it warns of a token in the environment, which is none of its business
    _log.addFilter(_without_tickets)

    async def authorize(team_id: str | None, **others: object) -> Any:  # bolt takes None, its types do not
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
        process_before_response=True,  # acknowledged when it is on disk; when it cannot be, Slack repeats it
    )

    _log.setLevel(logging.WARNING)  # below that bolt writes down what people say

    async def take_event(body: Payload) -> None:
        await door.take_event(body)

    async def take_command(body: Payload, ack: Callable[[], Awaitable[object]]) -> None:
        await door.take_command(body)
        await ack()

    async def take_shortcut(body: Payload, ack: Callable[[], Awaitable[object]]) -> None:
        await door.take_shortcut(body)
        await ack()

    running: set[asyncio.Task[None]] = set()

    async def take_action(body: Payload, ack: Callable[[], Awaitable[object]]) -> None:
        acting = asyncio.ensure_future(_acted(on_action, body))
        running.add(acting)
        acting.add_done_callback(running.discard)
        await asyncio.wait([acting], timeout=_ACTION_S)  # a question asked again is then on disk
        await ack()

    async def leave_it(ack: Callable[[], Awaitable[object]]) -> None:
        await ack()

    app.event("app_mention")(take_event)
    app.event("message")(take_event)
    app.event(_EVERYTHING)(leave_it)
    app.command(_EVERYTHING)(take_command)
    app.message_shortcut(_EVERYTHING)(take_shortcut)
    app.global_shortcut(_EVERYTHING)(leave_it)
    app.action(_EVERYTHING)(take_action)
    app.view(_EVERYTHING)(leave_it)
    return app


async def dispatch(
    app: "AsyncApp", body: bytes, headers: Mapping[str, str]
) -> tuple[int, str, Mapping[str, str]]:
    """Status, body and headers of the response to a request that Slack has signed.

    Raises UnreadableRequest.
    """
    from slack_bolt.async_app import AsyncBoltRequest

    try:
        request = AsyncBoltRequest(body=body.decode(), headers=dict(headers))
    except (ValueError, TypeError, AttributeError) as error:  # bolt expects an object, and JSON at that
        raise UnreadableRequest from error
    response = await app.async_dispatch(request)
    return response.status, str(response.body or ""), response.first_headers_without_set_cookie()


class Socket:
    """The connection of Socket Mode, which is made again whenever it breaks."""

    def __init__(self, app: "AsyncApp", app_token: str) -> None:
        """Must be made in the event loop."""
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        self._handler = AsyncSocketModeHandler(app, app_token, logger=_log, ping_interval=_PING_EVERY_S)
        self._watching: asyncio.Task[None] | None = None

    async def connect(self, url: str) -> None:
        """Connects to where apps.connections.open said."""
        self._handler.client.wss_uri = url
        self._watching = asyncio.create_task(self._watch())
        await self._handler.client.connect()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Ends the connection."""
        if self._watching:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        await self._handler.client.close()  # type: ignore[no-untyped-call]

    async def _watch(self) -> None:
        """Lets a connection that cannot be made be tried at another address.

        The client tries the one it has for ever, and each is good for one connection within seconds.
        """
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if not await self._handler.client.is_connected():
                self._handler.client.wss_uri = None


async def _acted(on_action: OnAction, body: Payload) -> None:
    try:
        await on_action(body)
    except Exception:  # the outermost edge of a click
        _log.exception("a button failed")


def _without_tickets(record: logging.LogRecord) -> bool:
    """Takes out of a record what opens a connection in the bot's name."""
    record.msg, record.args = _TICKET.sub(r"\1", record.getMessage()), ()
    if record.exc_info and "://" in str(record.exc_info[1]):
        record.exc_info = None
    return True
