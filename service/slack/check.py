"""Check the bot's setup: tokens, scopes, connection, and visible collections.

Calls Slack over plain HTTPS, without a Socket Mode session, to which Slack would send real questions.
"""

import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from service.cli.doctor import Check
from service.slack.manifest import APP_TOKEN_SCOPE, SCOPES
from service.slack.rules import SLACK_FILE, ChannelKind, PlaceRule, Rules, SlackFile, kind_of
from service.slack.workspaces import APP_TOKEN, BOT_TOKEN

if TYPE_CHECKING:
    import httpx

_TIMEOUT_S = 10.0
_MAX_CHANNELS = 20  # looked up, of those with a rule
_APPS = "api.slack.com/apps"


@dataclass(frozen=True, slots=True)
class Setup:
    """The setup to check. environment: variables; collections: names of those that hold documents."""

    environment: Mapping[str, str]
    file: SlackFile
    rules: Rules
    collections: frozenset[str]
    base_url: str | None
    api_url: str


_REASONS = {
    "invalid_auth": "Slack does not know this token",
    "token_revoked": "this token was revoked",
    "token_expired": "this token has expired",
    "account_inactive": "the app was taken out of the workspace",
    "missing_scope": "the token may not do this",
    "not_allowed_token_type": "this is another kind of token",
    "ratelimited": "Slack wants to be asked later",
}


class CallRefused(Exception):
    """A refusal by Slack. code: its error code, such as "invalid_auth"."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{_REASONS[code]} ({code})" if code in _REASONS else code)
        self.code = code


class HostUnreachable(CallRefused):
    """A missing response. host: the one that was called."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host} cannot be reached ({reason})")
        self.host = host


@dataclass(frozen=True, slots=True)
class CheckingApi:
    """Synchronous Web API client. api_url: base URL of the methods."""

    client: "httpx.Client"
    api_url: str

    def call(self, method: str, token: str, **body: str) -> tuple[Mapping[str, Any], frozenset[str] | None]:
        """Return the response, and the token's scopes if Slack names them.

        Raises CallRefused, HostUnreachable.
        """
        import httpx

        address = f"{self.api_url.rstrip('/')}/{method}"
        try:
            response = self.client.post(address, data=body, headers={"Authorization": f"Bearer {token}"})
            data = response.json()
        except httpx.HTTPError as error:
            raise HostUnreachable(urlsplit(address).netloc, type(error).__name__) from None
        except ValueError:
            raise CallRefused(f"no answer of Slack's came, but status {response.status_code}") from None
        if not isinstance(data, dict) or not data.get("ok"):
            code = data.get("error") if isinstance(data, dict) else None
            raise CallRefused(str(code or f"status {response.status_code}"))
        named = response.headers.get("x-oauth-scopes")
        return data, None if named is None else frozenset(re.findall(r"[\w.:]+", named))


def check_slack(setup: Setup) -> Iterator[Check]:
    """Yield every check, in setup order."""
    import httpx

    with httpx.Client(timeout=_TIMEOUT_S) as client:
        slack = CheckingApi(client, setup.api_url)
        yield from _bot_tokens(setup, slack)
        yield from _event_sources(setup, slack)
        yield from _rights(setup)
        yield from _channels(setup, slack)
    yield _links(setup)


def _bot_tokens(setup: Setup, slack: CheckingApi) -> Iterator[Check]:
    wanted = {BOT_TOKEN: ""} | {one.token_variable: one.team for one in setup.file.workspaces}
    for variable, team in wanted.items():
        token = setup.environment.get(variable, "").strip()
        advice = f"copy the Bot User OAuth Token from {_APPS}, OAuth & Permissions, into {variable}"
        if not token.startswith("xoxb-"):
            found = "not set" if not token else "not a bot token, which begins with xoxb-"
            yield Check(variable, False, found, advice)
            continue
        try:
            known, scopes = slack.call("auth.test", token)
        except CallRefused as refused:
            yield Check(variable, False, str(refused), _advice(refused, advice))
            continue
        here = str(known.get("team_id", ""))
        if team and team != here:
            moved = f"correct the team, or the variable, in {SLACK_FILE}"
            yield Check(variable, False, f"of workspace {here}, not of {team}", moved)
            continue
        yield Check(variable, True, f"{known.get('user')} in {known.get('team')} ({here})")
        yield _scopes(variable, scopes)


def _scopes(variable: str, scopes: frozenset[str] | None) -> Check:
    name = f"scopes of {variable}"
    if scopes is None:
        return Check(name, True, "Slack does not name them")
    missing = [scope for scope in SCOPES if scope not in scopes]
    if not missing:
        more = sorted(scopes - set(SCOPES))
        return Check(name, True, f"all {len(SCOPES)}" + (f"; not needed: {', '.join(more)}" if more else ""))
    without = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
    return Check(
        name,
        False,
        f"missing {without}",
        f"paste `inyong slack manifest` into {_APPS}, App Manifest, then reinstall the app there",
    )


def _event_sources(setup: Setup, slack: CheckingApi) -> Iterator[Check]:
    """Check how events arrive: over Socket Mode, HTTP, or both."""
    token = setup.environment.get(APP_TOKEN, "").strip()
    secret = setup.environment.get("SLACK_SIGNING_SECRET", "").strip()
    advice = (
        f"make an app-level token with the scope {APP_TOKEN_SCOPE} at {_APPS}, Basic Information, and put it "
        "into SLACK_APP_TOKEN"
    )
    if token:
        yield _socket(token, slack, advice)
    elif not secret:
        yield Check(APP_TOKEN, False, "not set, and no SLACK_SIGNING_SECRET either", advice)
    else:
        yield Check(APP_TOKEN, True, "not set: no Socket Mode, only `inyong serve` over HTTP")
    if secret:
        good = re.fullmatch(r"[0-9a-f]{32}", secret) is not None
        yield Check(
            "SLACK_SIGNING_SECRET",
            good,
            "set; `inyong serve` takes events at /slack/events" if good else "not 32 digits of 0-9 and a-f",
            "" if good else f"copy the Signing Secret from {_APPS}, Basic Information",
        )


def _socket(token: str, slack: CheckingApi, advice: str) -> Check:
    name = "Socket Mode"
    if not token.startswith("xapp-"):
        return Check(name, False, "SLACK_APP_TOKEN is no app-level token, which begins with xapp-", advice)
    try:
        opened, _ = slack.call("apps.connections.open", token)
    except CallRefused as refused:
        return Check(name, False, str(refused), _advice(refused, f"{advice}; switch Socket Mode on"))
    address = urlsplit(str(opened.get("url", "")))
    port = address.port or (80 if address.scheme == "ws" else 443)
    try:
        socket.create_connection((address.hostname or "", port), _TIMEOUT_S).close()
    except OSError as error:
        return Check(
            name,
            False,
            f"{address.hostname} cannot be reached ({error.strerror or type(error).__name__})",
            f"let this machine reach {address.hostname}, port {port}",
        )
    return Check(name, True, f"can connect to {address.hostname}")


def _advice(refused: CallRefused, otherwise: str) -> str:
    """Return the remedy for a refusal; without a response, the network is at fault, not the token."""
    if isinstance(refused, HostUnreachable):
        return f"let this machine reach {refused.host} (network, DNS, proxy: HTTPS_PROXY), then check again"
    return otherwise


def _rights(setup: Setup) -> Iterator[Check]:
    """Check that any collection is visible, and that rules name only existing ones."""
    rules = setup.rules
    named = rules.public | {name for rule in rules.places.values() for name in rule.collections or ()}
    if not named:
        yield Check(
            "collections",
            False,
            "none is open to Slack, so every question is refused",
            "inyong slack collection public NAME on, or inyong slack channel set ID --collections NAME",
        )
        return
    if unknown := sorted(named - setup.collections):
        yield Check(
            "collections",
            False,
            f"without a document: {', '.join(unknown)}",
            "index them with --collection, or correct the name; see: inyong list",
        )
    public = ", ".join(sorted(rules.public)) or "none"
    yield Check("public collections", True, public)


def _channels(setup: Setup, slack: CheckingApi) -> Iterator[Check]:
    """Check that the bot is in each channel with a rule, and that the rule has an effect there."""
    token = setup.environment.get(BOT_TOKEN, "").strip()
    places = [(ident, rule) for ident, rule in sorted(setup.rules.places.items()) if ident[0] in "CG"]
    if not token.startswith("xoxb-"):
        return
    for ident, rule in places[:_MAX_CHANNELS]:
        try:
            found, _ = slack.call("conversations.info", token, channel=ident)
        except CallRefused as refused:
            yield Check(
                f"channel {ident}",
                False,
                str(refused),
                _advice(
                    refused,
                    f"invite the app to it (/invite), or forget it: inyong slack channel forget {ident}",
                ),
            )
            continue
        yield _channel(ident, rule, found.get("channel") or {}, setup.rules)


def _channel(ident: str, rule: PlaceRule, channel: Mapping[str, Any], rules: Rules) -> Check:
    name = f"channel {ident} #{channel.get('name', '')}"
    kind = kind_of(channel)
    if channel.get("is_member") is False:
        return Check(name, False, "the app is not in it", "invite it there: /invite")
    hidden = sorted((rule.collections or frozenset()) - rules.public)
    if hidden and kind in (ChannelKind.PUBLIC, ChannelKind.EXTERNAL):
        return Check(
            name,
            False,
            f"is {kind.value}, so {', '.join(hidden)} cannot be seen there",
            "make the channel private, or the collection public",
        )
    return Check(name, True, kind.value)


def _links(setup: Setup) -> Check:
    if setup.base_url is None:
        return Check("links", True, "none: base_url is not set, so quotes lead nowhere")
    return Check("links", True, f"quotes lead to {setup.base_url}")
