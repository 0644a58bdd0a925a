"""`inyong slack manifest|check|channel|collection` as an operator uses them."""

import json
from pathlib import Path

import pytest

from service.slack.channels import RULES_FILE, Rules, RuleStore
from service.slack.slack_file import SLACK_FILE, PlaceRule
from tests.service.cli.conftest import Run
from tests.service.conftest import World

CHANNEL = "C0123ABCD"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INYONG_HOME", str(tmp_path / "home"))
    for variable in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "INYONG_SLACK_API_URL"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "home"


def rules_in(home: Path) -> Rules:
    store = RuleStore(home)
    rules = store.read()
    store.close()
    return rules


def test_a_channels_rule_is_set_bit_by_bit(run: Run, home: Path) -> None:
    assert (
        run("slack", "channel", "set", CHANNEL, "--collections", "town, club", "--followups", "off").code == 0
    )
    assert run("slack", "channel", "set", CHANNEL, "--ephemeral", "on", "--language", "en").code == 0
    rule = PlaceRule(frozenset({"town", "club"}), followups=False, ephemeral=True, language="en")
    assert rules_in(home).places == {CHANNEL: rule}


def test_a_channel_can_be_closed(run: Run, home: Path) -> None:
    run("slack", "channel", "set", CHANNEL, "--collections", "")
    assert rules_in(home).places[CHANNEL].collections == frozenset()


def test_a_person_is_given_collections_too(run: Run, home: Path) -> None:
    run("slack", "channel", "set", "U0123ABCD", "--collections", "payroll")
    assert rules_in(home).places["U0123ABCD"] == PlaceRule(frozenset({"payroll"}))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("general", "--collections", "a"), "'general' is not Slack's id"),
        ((CHANNEL,), "say what to set, such as --collections handbook"),
        (("U0123ABCD", "--followups", "off"), "of a person only --collections and --language can be set"),
        ((CHANNEL, "--language", "fr"), "'fr' is not one of"),
    ],
)
def test_a_mistake_is_told_and_sets_nothing(
    run: Run, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = run("slack", "channel", "set", *arguments)
    assert result.code == 2
    assert words in " ".join(result.err.split())
    assert not (home / RULES_FILE).exists()


def test_the_list_shows_the_files_rules_and_those_set(run: Run, home: Path) -> None:
    Path(SLACK_FILE).write_text(f'[[channel]]\nid = "{CHANNEL}"\nephemeral = true\n', encoding="utf-8")
    run("slack", "channel", "set", CHANNEL, "--collections", "town")
    (listed,) = json.loads(run("slack", "channel", "list", "--json").out)["places"]
    assert (listed["id"], listed["collections"], listed["ephemeral"]) == (CHANNEL, ["town"], True)
    assert "town" in run("slack", "channel", "list").out


def test_a_rule_is_forgotten_once(run: Run, home: Path) -> None:
    run("slack", "channel", "set", CHANNEL, "--followups", "off")
    assert run("slack", "channel", "forget", CHANNEL).code == 0
    second = run("slack", "channel", "forget", CHANNEL)
    assert second.code == 1
    assert second.complaint().startswith(f"{CHANNEL}: nothing was set by a command")


def test_a_collection_is_opened_and_closed(run: Run, home: Path) -> None:
    run("slack", "collection", "public", "handbook", "on")
    assert json.loads(run("slack", "collection", "list", "--json").out) == {"public": ["handbook"]}
    run("slack", "collection", "public", "handbook", "off")
    assert json.loads(run("slack", "collection", "list", "--json").out) == {"public": []}


def test_a_collection_without_documents_is_told(run: Run, world: World) -> None:
    assert run("slack", "collection", "public", "town", "on").err == ""
    assert "no document is in twon yet" in run("slack", "collection", "public", "twon", "on").err


def test_a_mistake_in_the_file_is_one_sentence(run: Run, home: Path) -> None:
    Path(SLACK_FILE).write_text("public = 'all'\n", encoding="utf-8")
    for command in (("channel", "list"), ("collection", "list"), ("check",)):
        result = run("slack", *command)
        assert result.code == 2
        assert SLACK_FILE in result.complaint()


def test_a_list_makes_no_file(run: Run, home: Path) -> None:
    assert run("slack", "channel", "list").code == run("slack", "collection", "list").code == 0
    assert not home.exists()


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
