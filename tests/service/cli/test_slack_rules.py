"""`inyong slack channel|collection` as an operator uses them."""

import json
from pathlib import Path

import pytest

from service.slack.rules import RULES_FILE, SLACK_FILE, PlaceRule, Rules, RuleStore
from tests.service.cli.conftest import Run
from tests.service.conftest import World

CHANNEL = "C0123ABCD"


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
