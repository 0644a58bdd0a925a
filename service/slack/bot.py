"""The bot put together: what comes in at the door is written down, worked on, and told in Slack."""

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from service.desk import Desk
from service.errors import BadSetting
from service.slack.actions import Actions
from service.slack.app import build_app
from service.slack.budget import Budget
from service.slack.calling import SLACK_API, Calls
from service.slack.channels import RuleStore
from service.slack.clicking import Clicking
from service.slack.door import Door
from service.slack.kinds import Kinds
from service.slack.ledger import Ledger
from service.slack.manifest import COMMAND
from service.slack.posting import Posting
from service.slack.replies import Links
from service.slack.replying import Replier
from service.slack.slack_file import SlackFile, read_slack_file
from service.slack.worker import Worker
from service.slack.workspaces import Workspaces, tokens_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

API_URL = "INYONG_SLACK_API_URL"
_LOCK_FILE = "slack.lock"
_GRACE_S = 15.0  # for answers that are being made when the process is told to end
_TO_GIVE_UP_S = 3.0

_log = logging.getLogger(__name__)


class Bot:
    """The bot of one store, in all its workspaces. Made, started and closed in one event loop."""

    def __init__(self, desk: Desk, file: SlackFile, environment: Mapping[str, str]) -> None:
        """Raises BadSetting."""
        api_url = environment.get(API_URL, "").strip() or SLACK_API
        self.desk = desk
        self.workspaces = Workspaces(tokens_of(file.workspaces, environment))
        self.calls = Calls(api_url)
        self.ledger = Ledger(desk.settings.home, desk.settings.answer_days)
        self._rules = RuleStore(desk.settings.home, file)
        posting = Posting(self.calls, self.workspaces.token)
        kinds, links = Kinds(posting), Links(desk.settings.base_url)
        replier = Replier(
            desk,
            self.ledger,
            kinds,
            rules=self._rules,
            budget=Budget(self.ledger, file.limits),
            links=links,
            command=COMMAND,
        )
        self.worker = Worker(self.ledger, posting, replier)
        self.door = Door(self.workspaces, self.ledger, self._rules, self.worker)
        clicking = Clicking(
            Actions(desk.archive, desk.inyong.catalog, self._rules, links),
            self.door,
            self.workspaces,
            ledger=self.ledger,
            calls=self.calls,
            posting=posting,
            kinds=kinds,
        )
        self.app: AsyncApp = build_app(
            self.door,
            self.workspaces,
            on_action=clicking.press,
            api_url=api_url,
        )
        self._lock = FileLock(desk.settings.home / _LOCK_FILE)
        self._working: asyncio.Task[None] | None = None

    def reserve(self) -> None:
        """Makes this process the one that answers. Raises BadSetting when there is another."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise BadSetting(
                f"another process answers in Slack for the store {self.desk.settings.home}; end that one "
                "first"
            ) from None

    async def start(self) -> None:
        """Finds out who the bot is, and begins to work. Raises BadSetting for a token that is not valid."""
        await self.workspaces.connect(self.calls)
        self._working = asyncio.create_task(self.worker.run())

    async def close(self) -> None:
        """Lets answers that are being made end, for a while; the rest is for the next process."""
        self.desk.turns.close()
        if self._working:
            await self.worker.stop(_GRACE_S, self.desk.interrupt, _TO_GIVE_UP_S)
            await self._working
        await self.calls.close()
        await asyncio.to_thread(self.ledger.close)
        self._rules.close()
        self._lock.release()


def open_bot(desk: Desk, environment: Mapping[str, str] | None = None) -> Bot:
    """The bot that slack.toml and the environment describe. Raises BadSetting."""
    return Bot(desk, read_slack_file(), os.environ if environment is None else environment)
