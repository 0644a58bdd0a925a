"""Everything that the server remembers, behind one lock."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.slack_server.faults import Faults
from tests.slack_server.workspace import Message, Workspace

APP_ID = "A0LOCAL0001"


class Refused(Exception):
    """A call that Slack answers with `ok: false`. error: its code; more: what else stands in the answer."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the Web API. at: monotonic seconds; error: Slack's code, "" when it went well."""

    at: float
    team: str
    method: str
    arguments: Mapping[str, Any]
    error: str


@dataclass(slots=True)
class Trigger:
    """Leave to open one view. made_at: in the server's own time."""

    workspace: Workspace
    user: str
    made_at: float
    is_used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where an interaction may be answered, a few times for a while. original: the message it came from."""

    workspace: Workspace
    channel: str
    user: str
    made_at: float
    original: Message | None = None
    n_used: int = 0


@dataclass(frozen=True, slots=True)
class OpenedView:
    """A modal that somebody sees."""

    id: str
    workspace: Workspace
    user: str
    view: Mapping[str, Any]


@dataclass(slots=True)
class State:
    """What the server knows. Change it, and read what may change, only with `changed` held."""

    workspaces: list[Workspace]
    app_token: str
    signing_secret: str
    faults: Faults = field(default_factory=Faults)
    changed: threading.Condition = field(default_factory=lambda: threading.Condition(threading.RLock()))
    calls: list[Call] = field(default_factory=list)
    views: list[OpenedView] = field(default_factory=list)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)  # for connections that may still be opened
    base: str = ""  # of all addresses, without a slash at its end
    ahead_s: float = 0.0  # how far the server's time is ahead of the clock

    def now(self) -> float:
        """Seconds since 1970, in the server's own time."""
        return time.time() + self.ahead_s

    def workspace(self, team: str) -> Workspace:
        """The workspace with this id."""
        return next(workspace for workspace in self.workspaces if workspace.team == team)

    def new_trigger(self, workspace: Workspace, user: str) -> str:
        """A trigger_id, as it comes with interactions."""
        name = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self.triggers[name] = Trigger(workspace, user, self.now())
        return name

    def new_response_url(
        self, workspace: Workspace, channel: str, user: str, kind: str, original: Message | None = None
    ) -> str:
        """An address for answers. kind: "commands", "actions" or "app", as in Slack's own addresses."""
        path = f"/{kind}/{workspace.team}/{secrets.randbelow(10**12)}/{secrets.token_urlsafe(18)}"
        self.response_urls[path] = ResponseUrl(workspace, channel, user, self.now(), original)
        return f"{self.base}{path}"
