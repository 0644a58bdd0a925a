"""`inyong slack check` against a local Slack: every thing that can be missing is named, with what to do."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from service.cli.doctor import Check
from service.slack.check import Setup, check_slack
from service.slack.manifest import SCOPES
from service.slack.rules import PlaceRule, Rules, SlackFile, Workspace
from tests.slack_server.server import SlackServer
from tests.slack_server.workspace import make_workspace

CHANNEL, PRIVATE = "C1GENERAL1", "G1PRIVATE1"
TOWN = PlaceRule(collections=frozenset({"town"}))


@pytest.fixture(scope="module")
def running() -> Iterator[SlackServer]:
    with SlackServer([make_workspace(1), make_workspace(2)]) as server:
        for workspace in server.state.workspaces:
            workspace.scopes |= set(SCOPES)
        yield server


@pytest.fixture
def server(running: SlackServer) -> Iterator[SlackServer]:
    scopes = set(running.workspace.scopes)
    yield running
    running.workspace.scopes = scopes
    running.faults.clear()


def setup_of(server: SlackServer, **fields: Any) -> Setup:
    rules = Rules(frozenset({"town"}), {CHANNEL: TOWN})
    known = Setup(server.environment(), SlackFile(), rules, frozenset({"town"}), None, server.api_url)
    return replace(known, **fields)


def changed(server: SlackServer, **variables: str) -> Setup:
    return setup_of(server, environment={**server.environment(), **variables})


def bad(setup: Setup) -> list[Check]:
    found = [check for check in check_slack(setup) if not check.ok]
    assert all(check.advice for check in found)
    return found


def test_a_bot_that_is_set_up_is_found_so(server: SlackServer) -> None:
    found = {check.name: check for check in check_slack(setup_of(server, base_url="https://inyong.example"))}
    assert [check.name for check in found.values() if not check.ok] == []
    assert found["SLACK_BOT_TOKEN"].finding == "inyong in team-1 (T1TEAM0001)"
    assert found["Socket Mode"].finding == "can connect to 127.0.0.1"
    assert found[f"channel {CHANNEL} #general"].finding == "public"
    assert found["links"].finding == "quotes lead to https://inyong.example"


def test_no_socket_is_opened_for_a_check(server: SlackServer) -> None:
    calls = len(server.state.calls)
    list(check_slack(setup_of(server)))
    asked = [call.method for call in server.state.calls[calls:]]
    assert asked == ["auth.test", "apps.connections.open", "conversations.info"]


@pytest.mark.parametrize(
    ("token", "finding"),
    [
        ("", "not set"),
        ("xoxp-1-local", "not a bot token, which begins with xoxb-"),
        ("xoxb-unknown", "Slack does not know this token (invalid_auth)"),
    ],
)
def test_a_bot_token_that_is_none_is_named(server: SlackServer, token: str, finding: str) -> None:
    first = bad(changed(server, SLACK_BOT_TOKEN=token))[0]
    assert (first.name, first.finding) == ("SLACK_BOT_TOKEN", finding)


def test_a_missing_scope_is_named_with_what_does_not_work(server: SlackServer) -> None:
    server.workspace.scopes -= {"reactions:write", "im:history"}
    (found,) = bad(setup_of(server))
    assert found.finding == (
        "missing im:history (direct messages are not heard); "
        "reactions:write (questions get no sign at once that they were seen)"
    )
    assert "reinstall" in found.advice


def test_a_scope_that_nothing_needs_is_told(server: SlackServer) -> None:
    server.workspace.scopes |= {"files:read"}
    found = {check.name: check for check in check_slack(setup_of(server))}
    assert "files:read" in found["scopes of SLACK_BOT_TOKEN"].finding


@pytest.mark.parametrize(
    ("token", "finding"),
    [
        ("xoxb-1", "SLACK_APP_TOKEN is no app-level token, which begins with xapp-"),
        ("xapp-wrong", "Slack does not know this token (invalid_auth)"),
    ],
)
def test_an_app_token_that_nothing_is_open_is_named(server: SlackServer, token: str, finding: str) -> None:
    (found,) = bad(changed(server, SLACK_APP_TOKEN=token))
    assert (found.name, found.finding) == ("Socket Mode", finding)


def test_without_a_way_in_there_is_none(server: SlackServer) -> None:
    (found,) = bad(changed(server, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=""))
    assert found.finding == "not set, and no SLACK_SIGNING_SECRET either"


def test_over_http_alone_no_app_token_is_wanted(server: SlackServer) -> None:
    assert bad(changed(server, SLACK_APP_TOKEN="")) == []


def test_a_signing_secret_that_cannot_be_one_is_named_and_not_shown(server: SlackServer) -> None:
    wrong = "a-word-that-is-none"
    (found,) = bad(changed(server, SLACK_SIGNING_SECRET=wrong))
    assert found.name == "SLACK_SIGNING_SECRET"
    assert wrong not in str(found)


def test_a_further_workspace_is_checked_too(server: SlackServer) -> None:
    other = server.state.workspaces[1]
    file = SlackFile(workspaces=(Workspace(other.team, "OTHER_TOKEN"),))
    environment = {**server.environment(), "OTHER_TOKEN": other.bot_token}
    assert bad(setup_of(server, file=file, environment=environment)) == []
    environment["OTHER_TOKEN"] = server.workspace.bot_token
    (found,) = bad(setup_of(server, file=file, environment=environment))
    assert (found.name, found.finding) == ("OTHER_TOKEN", "of workspace T1TEAM0001, not of T2TEAM0001")


def test_a_slack_that_cannot_be_reached_is_named(server: SlackServer) -> None:
    found = bad(setup_of(server, api_url="http://127.0.0.1:9/api/"))
    assert [check.name for check in found] == ["SLACK_BOT_TOKEN", "Socket Mode", f"channel {CHANNEL}"]
    assert found[0].finding == "127.0.0.1:9 cannot be reached (ConnectError)"
    assert all(check.advice.startswith("let this machine reach 127.0.0.1:9") for check in found)


def test_an_answer_that_is_no_slacks_is_named(server: SlackServer) -> None:
    server.fail("auth.test", "server_error")
    assert bad(setup_of(server))[0].finding == "no answer of Slack's came, but status 503"


def test_a_bot_that_nobody_can_see_anything_of_is_named(server: SlackServer) -> None:
    (found,) = bad(setup_of(server, rules=Rules(frozenset(), {})))
    assert found.finding == "none is open to Slack, so every question is refused"


def test_a_rule_about_a_collection_without_documents_is_named(server: SlackServer) -> None:
    (found,) = bad(setup_of(server, rules=Rules(frozenset({"town", "twon"}), {})))
    assert found.finding == "without a document: twon"


@pytest.mark.parametrize(
    ("channel", "finding"),
    [("C0NOWHERE", "channel_not_found"), ("C1CLOSED01", "the app is not in it")],
)
def test_a_rule_of_a_channel_without_the_bot_is_named(
    server: SlackServer, channel: str, finding: str
) -> None:
    (found,) = bad(setup_of(server, rules=Rules(frozenset({"town"}), {channel: PlaceRule(followups=False)})))
    assert found.finding == finding


def test_a_collection_that_a_public_channel_cannot_show_is_named(server: SlackServer) -> None:
    rules = Rules(frozenset(), {CHANNEL: TOWN, PRIVATE: TOWN})
    (found,) = bad(setup_of(server, rules=rules))
    assert found.name == f"channel {CHANNEL} #general"
    assert found.finding == "is public, so town cannot be seen there"
