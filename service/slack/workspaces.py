"""Connections to the bot's workspaces, with its token and identity in each."""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.errors import BadSetting
from service.slack import rules as slack_file
from service.slack.events import BotUser
from service.slack.web_api import Data, SlackApi, SlackRefused, SlackUnreachable, TokenGone

BOT_TOKEN = "SLACK_BOT_TOKEN"  # noqa: S105  the variable's name
APP_TOKEN = "SLACK_APP_TOKEN"  # noqa: S105  likewise
_RETRY_S = 15.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Token:
    """A bot token and the variable that holds it. team: the workspace it must belong to; "" for any."""

    variable: str
    value: str = field(repr=False)
    team: str = ""


def tokens_of(
    workspaces: Sequence[slack_file.Workspace], environment: Mapping[str, str] | None = None
) -> list[Token]:
    """Return the configured bot tokens, the main one first. Raises BadSetting if one is missing."""
    environment = os.environ if environment is None else environment
    main = environment.get(BOT_TOKEN, "").strip()
    tokens = [Token(BOT_TOKEN, main)] if main else []
    for workspace in workspaces:
        value = environment.get(workspace.token_variable, "").strip()
        if not value:
            raise BadSetting(
                f"{slack_file.SLACK_FILE}: the bot token of workspace {workspace.team} is to be in the "
                f"variable {workspace.token_variable}, which is not set"
            )
        tokens.append(Token(workspace.token_variable, value, workspace.team))
    return tokens


class Workspaces:
    """The bot's identity in each workspace, by its id; filled by `connect`."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._bots: dict[str, tuple[BotUser, Token]] = {}

    async def connect(self, api: SlackApi) -> None:
        """Look up the bot's identities, waiting while Slack is unreachable. Raises BadSetting."""
        for token in self._tokens:
            await self._connect_one(api, token)

    def bot(self, team: str) -> BotUser | None:
        """Return the bot's identity in this workspace; None if it is not there."""
        found = self._bots.get(team)
        return found[0] if found else None

    def token(self, team: str) -> str:
        """Return the bot token of this workspace. Raises TokenGone if there is none."""
        if team not in self._bots:
            raise TokenGone("auth.test", f"no bot token for workspace {team}")
        return self._bots[team][1].value

    def teams(self) -> list[str]:
        """Return the ids of all workspaces."""
        return list(self._bots)

    async def _connect_one(self, api: SlackApi, token: Token) -> None:
        try:
            found = await _call_until_reached(api, token.value, "auth.test")
        except (SlackRefused, TokenGone) as error:
            raise BadSetting(
                f"Slack does not take the bot token in {token.variable} ({error.code}); copy it anew from "
                "your app's page, OAuth & Permissions"
            ) from None
        team = str(found.get("team_id", ""))
        if token.team not in ("", team):
            raise BadSetting(
                f"the bot token in {token.variable} belongs to workspace {team}, not to {token.team} as "
                f"{slack_file.SLACK_FILE} says"
            )
        self._bots[team] = (BotUser(team, str(found.get("user_id", "")), str(found.get("bot_id", ""))), token)


async def socket_address(api: SlackApi, app_token: str) -> str:
    """Return the Socket Mode URL, waiting while Slack is unreachable. Raises BadSetting."""
    try:
        return str((await _call_until_reached(api, app_token, "apps.connections.open"))["url"])
    except (SlackRefused, TokenGone) as error:
        raise BadSetting(
            f"Slack does not take the app token in {APP_TOKEN} ({error.code}); make one with the scope "
            "connections:write on your app's page, Basic Information, and switch Socket Mode on"
        ) from None


async def _call_until_reached(api: SlackApi, token: str, method: str) -> Data:
    while True:
        try:
            return await api.call(token, method, {})
        except SlackUnreachable as error:
            _log.warning("Slack cannot be reached yet (%s)", error)
            await asyncio.sleep(_RETRY_S)
