"""The workspaces that the bot is in, each with its token, and who the bot is there."""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.errors import BadSetting
from service.slack import slack_file
from service.slack.calling import Calls, Data, SlackRefused, SlackUnreachable, TokenGone
from service.slack.incoming import Bot

BOT_TOKEN = "SLACK_BOT_TOKEN"  # noqa: S105  the variable's name
APP_TOKEN = "SLACK_APP_TOKEN"  # noqa: S105  likewise
_ASK_AGAIN_S = 15.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Token:
    """A bot token and the variable it came from. team: whose it has to be; "" for whosever it is."""

    variable: str
    value: str = field(repr=False)
    team: str = ""


def tokens_of(
    workspaces: Sequence[slack_file.Workspace], environment: Mapping[str, str] | None = None
) -> list[Token]:
    """The bot tokens that are set, the main one first. Raises BadSetting for one that is missing."""
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
    """The bot in every workspace, by its id; filled by `connect`."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._bots: dict[str, tuple[Bot, Token]] = {}

    async def connect(self, calls: Calls) -> None:
        """Asks Slack who the bot is; waits for a Slack that cannot be reached. Raises BadSetting."""
        for token in self._tokens:
            await self._connect_one(calls, token)

    def bot(self, team: str) -> Bot | None:
        """Who the bot is in this workspace; None where it is not."""
        found = self._bots.get(team)
        return found[0] if found else None

    def token(self, team: str) -> str:
        """The bot token of this workspace. Raises TokenGone when there is none."""
        if team not in self._bots:
            raise TokenGone("auth.test", f"no bot token for workspace {team}")
        return self._bots[team][1].value

    def teams(self) -> list[str]:
        """Ids of all of them."""
        return list(self._bots)

    async def _connect_one(self, calls: Calls, token: Token) -> None:
        try:
            found = await _ask_until_reached(calls, token.value, "auth.test")
        except SlackRefused as error:
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
        self._bots[team] = (Bot(team, str(found.get("user_id", "")), str(found.get("bot_id", ""))), token)


async def socket_address(calls: Calls, app_token: str) -> str:
    """Where Socket Mode is to connect to; waits for a Slack that cannot be reached. Raises BadSetting."""
    try:
        return str((await _ask_until_reached(calls, app_token, "apps.connections.open"))["url"])
    except SlackRefused as error:
        raise BadSetting(
            f"Slack does not take the app token in {APP_TOKEN} ({error.code}); make one with the scope "
            "connections:write on your app's page, Basic Information, and switch Socket Mode on"
        ) from None


async def _ask_until_reached(calls: Calls, token: str, method: str) -> Data:
    while True:
        try:
            return await calls.call(token, method, {})
        except SlackUnreachable as error:
            _log.warning("Slack cannot be reached yet (%s)", error)
            await asyncio.sleep(_ASK_AGAIN_S)
