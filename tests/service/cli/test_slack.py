"""`inyong slack` on its way to Slack, and the ways it does not get there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.service.cli.conftest import Run
from tests.service.conftest import World
from tests.slack_server import SlackServer

TOKENS = {"SLACK_APP_TOKEN": "xapp-1-A-1-a", "SLACK_BOT_TOKEN": "xoxb-1-a"}


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    with SlackServer() as slack:
        for name, value in slack.environment().items():
            monkeypatch.setenv(name, value)
        yield slack


@pytest.mark.parametrize("missing", TOKENS)
def test_without_a_token_it_says_which_and_where_to_get_it(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, "" if name == missing else value)
    found = run("slack")
    assert found.code == 2
    assert found.complaint().startswith(f"{missing} is not set; copy the token from your app's page")


def test_tokens_that_were_mixed_up_are_not_shown(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, other in zip(TOKENS, reversed(TOKENS.values()), strict=True):
        monkeypatch.setenv(name, other)
    found = run("slack")
    assert found.code == 2
    assert found.complaint().startswith("SLACK_APP_TOKEN does not begin with xapp-")
    assert "xoxb-" not in found.err


def test_a_token_that_slack_does_not_take_is_named(run: Run, world: World, slack: SlackServer) -> None:
    slack.workspace.is_revoked = True
    found = run("slack")
    assert found.code == 2
    assert "Slack does not take the bot token in SLACK_BOT_TOKEN" in found.err
    assert slack.workspace.bot_token not in found.err
    assert "Traceback" not in found.err


def test_an_app_token_that_slack_does_not_take_is_named(
    run: Run, world: World, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1-A-1-other")
    found = run("slack")
    assert found.code == 2
    assert "Slack does not take the app token in SLACK_APP_TOKEN" in found.err


def test_only_one_process_answers_for_a_store(run: Run, world: World, slack: SlackServer) -> None:
    with FileLock(world.settings.home / "slack.lock"):
        found = run("slack")
    assert found.code == 2
    assert found.complaint().startswith(
        f"another process answers in Slack for the store {world.settings.home}"
    )


def test_a_mistake_in_the_rules_is_told_before_anything_is_loaded(
    run: Run, world: World, slack: SlackServer
) -> None:
    Path("slack.toml").write_text("publik = []", encoding="utf-8")
    found = run("slack")
    assert found.code == 2
    assert "unknown key 'publik'" in found.complaint()
    assert slack.calls() == []
