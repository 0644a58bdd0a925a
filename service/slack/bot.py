"""Assemble the bot: intake of questions, worker, button handling and the bolt app."""

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from service.errors import BadSetting
from service.question_queue.dispatcher import Dispatcher
from service.slack.actions import Actions, ButtonHandler
from service.slack.answering import Answerer
from service.slack.app import build_app
from service.slack.intake import Intake
from service.slack.ledger import Ledger
from service.slack.posting import Posting
from service.slack.replies import Links
from service.slack.rules import ChannelKinds, RuleStore, SlackFile, read_slack_file
from service.slack.web_api import SLACK_API, SlackApi
from service.slack.worker import Worker
from service.slack.workspaces import Workspaces, tokens_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

API_URL = "INYONG_SLACK_API_URL"
_LOCK_FILE = "slack.lock"
_GRACE_S = 15.0  # for answers in progress at shutdown
_TO_GIVE_UP_S = 3.0

_log = logging.getLogger(__name__)


class Bot:
    """The bot of one store, in all its workspaces. Create, start and close it in one event loop."""

    def __init__(self, dispatcher: Dispatcher, file: SlackFile, environment: Mapping[str, str]) -> None:
        """Build all components. Raises BadSetting."""
        api_url = environment.get(API_URL, "").strip() or SLACK_API
        self.dispatcher = dispatcher
        self.workspaces = Workspaces(tokens_of(file.workspaces, environment))
        self.api = SlackApi(api_url)
        self.ledger = Ledger(dispatcher.settings.home, dispatcher.settings.answer_days)
        self._rules = RuleStore(dispatcher.settings.home, file)
        posting = Posting(self.api, self.workspaces.token)
        kinds, links = ChannelKinds(posting), Links(dispatcher.settings.base_url)
        answerer = Answerer(
            dispatcher,
            self.ledger,
            kinds,
            rules=self._rules,
            limits=file.limits,
            links=links,
        )
        self.worker = Worker(self.ledger, posting, answerer)
        self.intake = Intake(self.workspaces, self.ledger, self._rules, self.worker)
        buttons = ButtonHandler(
            Actions(dispatcher.archive, dispatcher.inyong.catalog, self._rules, links),
            self.intake,
            self.workspaces,
            ledger=self.ledger,
            api=self.api,
            posting=posting,
            kinds=kinds,
        )
        self.app: AsyncApp = build_app(
            self.intake,
            self.workspaces,
            on_action=buttons.press,
            api_url=api_url,
        )
        self._lock = FileLock(dispatcher.settings.home / _LOCK_FILE)

    def reserve(self) -> None:
        """Acquire the store's Slack lock. Raises BadSetting if another process holds it."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise BadSetting(
                f"another process answers in Slack for the store {self.dispatcher.settings.home}; "
                "end that one first"
            ) from None

    async def start(self) -> None:
        """Look up the bot's identity and start working. Raises BadSetting for an invalid token."""
        await self.workspaces.connect(self.api)
        self.worker.start()

    async def close(self) -> None:
        """Let answers in progress finish within a grace period; leave the rest to the next process."""
        self.dispatcher.queue.close()
        await self.worker.stop(_GRACE_S, self.dispatcher.interrupt, _TO_GIVE_UP_S)
        await self.api.close()
        await asyncio.to_thread(self.ledger.close)
        self._rules.close()
        self._lock.release()


def open_bot(dispatcher: Dispatcher, environment: Mapping[str, str] | None = None) -> Bot:
    """Return the bot configured by slack.toml and the environment. Raises BadSetting."""
    return Bot(dispatcher, read_slack_file(), os.environ if environment is None else environment)
