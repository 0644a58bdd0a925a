"""POST /slack/events: requests from Slack, if the bot is configured for HTTP."""

import asyncio
import logging
import os
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.api.problems import Problem
from service.errors import BadSetting
from service.question_queue.dispatcher import Dispatcher
from service.slack.app import Signatures, UnreadableRequest, dispatch
from service.slack.bot import Bot, open_bot
from service.slack.workspaces import BOT_TOKEN

SIGNING_SECRET = "SLACK_SIGNING_SECRET"  # noqa: S105  the variable's name

_log = logging.getLogger(__name__)


class SlackOverHttp:
    """The bot behind a route, started and closed with the app in its event loop."""

    def __init__(self, bot: Bot, signing_secret: str) -> None:
        self._bot = bot
        self._signatures = Signatures(signing_secret)
        self._starting: asyncio.Task[None] | None = None
        self._is_ready = False
        self.router = APIRouter(prefix="/slack", include_in_schema=False)
        self.router.post("/events")(self.events)

    async def start(self) -> None:
        """Start the bot in the background, as soon as Slack can be reached."""
        self._starting = asyncio.create_task(self._start())

    async def close(self) -> None:
        """Close the bot, after running answers or a grace period."""
        if self._starting:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self._bot.close()

    async def events(self, request: Request) -> Response:
        """Handle any request from Slack: events, commands, shortcuts, buttons. Raises Problem."""
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        body = await request.body()
        if not self._signatures.proves(body, timestamp, signature):
            raise Problem(401, "the request does not prove that Slack has just sent it")
        if not self._is_ready:
            raise Problem(503, "the bot is still getting ready", headers={"Retry-After": "5"})
        try:
            status, words, headers = await dispatch(self._bot.app, body, request.headers)
        except UnreadableRequest:
            raise Problem(400, "this is nothing that Slack sends") from None
        if status == 200:
            self._signatures.note_answered(signature)
        return Response(words, status, dict(headers))

    async def _start(self) -> None:
        try:
            self._bot.reserve()
            await self._bot.start()
            self._is_ready = True
        except BadSetting as error:
            _log.error("the Slack bot is not running: %s", error)
        except Exception:
            _log.exception("the Slack bot is not running")


def open_slack(dispatcher: Dispatcher, environment: Mapping[str, str] | None = None) -> SlackOverHttp | None:
    """Return the bot over HTTP if bot token and signing secret are set, else None. Raises BadSetting."""
    environment = os.environ if environment is None else environment
    if not all(environment.get(name, "").strip() for name in (BOT_TOKEN, SIGNING_SECRET)):
        return None
    return SlackOverHttp(open_bot(dispatcher, environment), environment[SIGNING_SECRET].strip())
