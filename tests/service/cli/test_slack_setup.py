"""`inyong slack manifest|check` as an operator uses them."""

import json
from pathlib import Path

import pytest

from tests.service.cli.conftest import Run


def test_the_manifest_is_json_that_can_be_pasted(run: Run, home: Path) -> None:
    manifest = json.loads(run("slack", "manifest", "--name", "Docs", "--language", "en").out)
    assert manifest["display_information"]["name"] == "Docs"
    over_http = json.loads(run("slack", "manifest", "--http", "https://inyong.example.com/").out)
    request_url = over_http["settings"]["event_subscriptions"]["request_url"]
    assert request_url == "https://inyong.example.com/slack/events"
    assert run("slack", "manifest", "--link").out.startswith("https://api.slack.com/apps?new_app=1&")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--http", "http://inyong.example.com"), "https:// addresses only"),
        (("--name", "n" * 36), "1 to 35 characters"),
        (("--name", " "), "1 to 35 characters"),
    ],
)
def test_a_manifest_that_slack_would_refuse_is_not_printed(
    run: Run, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = run("slack", "manifest", *arguments)
    assert (result.code, result.out) == (2, "")
    assert words in " ".join(result.err.split())


def test_a_check_says_what_is_missing_and_what_to_do(run: Run, home: Path) -> None:
    result = run("slack", "check")
    assert result.code == 1
    assert "BAD  SLACK_BOT_TOKEN: not set\n     do: copy the Bot User OAuth Token" in result.out
    assert "BAD  SLACK_APP_TOKEN: not set, and no SLACK_SIGNING_SECRET either" in result.out
    assert "BAD  collections: none is open to Slack" in result.out
