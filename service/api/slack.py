"""POST /slack/events: what Slack sends over HTTP, where the bot is set up for that."""

import asyncio
import logging
import os
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.api.problems import Problem
from service.desk import Desk
from service.errors import BadSetting
from service.slack.app import dispatch
from service.slack.bot import SIGNING_SECRET, Bot, open_bot
from service.slack.replays import Replays
from service.slack.workspaces import BOT_TOKEN

_log = logging.getLogger(__name__)
_MOST_CHARS = 64  # of a timestamp or signature
_UNPROVEN = "the request does not prove that it comes from Slack"


class SlackOverHttp:
    """The bot behind a route. Started and closed with the app, in its event loop."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._replays = Replays()
        self._starting: asyncio.Task[None] | None = None
        self._is_ready = False
        self.router = APIRouter(prefix="/slack", include_in_schema=False)
        self.router.post("/events")(self.events)

    async def start(self) -> None:
        """Begins to work as soon as Slack can be reached; the service does not wait for that."""
        self._starting = asyncio.create_task(self._start())

    async def close(self) -> None:
        """Lets answers that are being made end."""
        if self._starting:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self._bot.close()

    async def events(self, request: Request) -> Response:
        """Whatever Slack sends: events, commands, shortcuts, pressed buttons. Raises Problem."""
        timestamp = request.headers.get("x-slack-request-timestamp", "")[:_MOST_CHARS]
        signature = request.headers.get("x-slack-signature", "")[: _MOST_CHARS * 2]
        if not self._replays.is_current(timestamp) or self._replays.is_known(signature):
            raise Problem(401, _UNPROVEN)
        if not self._is_ready:
            raise Problem(503, "the bot is still getting ready", headers={"Retry-After": "5"})
        try:
            body = (await request.body()).decode()
        except UnicodeDecodeError:
            raise Problem(401, _UNPROVEN) from None
        status, words, headers = await dispatch(self._bot.app, body, request.headers)
        if status == 200:
            self._replays.note(signature)
        return Response(words, status, dict(headers))

    async def _start(self) -> None:
        try:
            self._bot.reserve()
            await self._bot.start()
            self._is_ready = True
        except BadSetting as error:
            _log.error("the Slack bot is not running: %s", error)


def open_slack(desk: Desk, environment: Mapping[str, str] | None = None) -> SlackOverHttp | None:
    """The bot over HTTP where bot token and signing secret are set, else None. Raises BadSetting."""
    environment = os.environ if environment is None else environment
    if not all(environment.get(name, "").strip() for name in (BOT_TOKEN, SIGNING_SECRET)):
        return None
    return SlackOverHttp(open_bot(desk, environment))
