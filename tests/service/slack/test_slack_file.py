"""slack.toml: what it may say, and one sentence about every mistake in it."""

from pathlib import Path

import pytest

from service.errors import BadSetting
from service.slack.rules import (
    SLACK_FILE,
    Limits,
    PlaceRule,
    SlackFile,
    Workspace,
    read_slack_file,
)

WHOLE = """
public = ["handbook"]
[[channel]]
id = "C0123ABCD"
collections = ["payroll", "handbook"]
followups = false
ephemeral = true
language = "en"
[[channel]]
id = "G0123ABCD"
[[user]]
id = "U0123ABCD"
collections = []
[[workspace]]
team = "T0OTHER"
token_variable = "OTHER_BOT_TOKEN"
[limits]
user_per_hour = 5
"""


def read(folder: Path, toml: str) -> SlackFile:
    (folder / SLACK_FILE).write_text(toml, encoding="utf-8")
    return read_slack_file(folder)


def test_without_the_file_nothing_is_said(tmp_path: Path) -> None:
    assert read_slack_file(tmp_path) == SlackFile()


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE) == SlackFile(
        public=frozenset({"handbook"}),
        places={
            "C0123ABCD": PlaceRule(frozenset({"payroll", "handbook"}), False, True, "en"),
            "G0123ABCD": PlaceRule(),
            "U0123ABCD": PlaceRule(frozenset()),
        },
        workspaces=(Workspace("T0OTHER", "OTHER_BOT_TOKEN"),),
        limits=Limits(user_per_hour=5),
    )


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("public = 'handbook'", r"public; must be a list of collections"),
        ("public = ['']", r"public; must be a list of collections"),
        ("pubic = []", r"unknown key 'pubic'; known: public, channel, user, workspace, limits"),
        (
            "channel = []\n[limits]\nuser_per_hour = -1",
            r"limits: user_per_hour -1; must be from 0 to 1000000",
        ),
        ("[limits]\nuser_per_day = true", r"limits: user_per_day True; must be from 0"),
        ("[limits]\nper_user = 1", r"limits: unknown key 'per_user'; known: user_per_hour, user_per_day, "),
        ("limits = 5", r"limits; must be a table"),
        ("[channel]\nid = 'C0123ABCD'", r"channel; must be tables, each begun by \[\[channel\]\]"),
        ("[[channel]]\nid = '#general'", r"\[\[channel\]\] id '#general'; must be Slack's id of a channel"),
        ("[[channel]]\nid = 'U0123ABCD'", r"must be Slack's id of a channel, such as C0123ABCD"),
        ("[[user]]\nid = 'ann'", r"must be Slack's id of a user, such as U0123ABCD"),
        ("[[user]]\nid = 'U0123ABCD'\nephemeral = true", r"user U0123ABCD: unknown key 'ephemeral'"),
        ("[[channel]]\nid = 'C0123ABCD'\nlanguage = 'fr'", r"language 'fr'; must be ko, en, auto"),
        ("[[channel]]\nid = 'C0123ABCD'\nfollowups = 'yes'", r"followups 'yes'; must be true or false"),
        (
            "[[channel]]\nid='C0123ABCD'\n[[channel]]\nid='C0123ABCD'",
            r"channel C0123ABCD; stands there twice",
        ),
        (
            "[[workspace]]\nteam = 'acme'",
            r"\[\[workspace\]\] team 'acme'; must be Slack's id, such as T0123ABCD",
        ),
        ("public = [", r"not valid TOML"),
    ],
)
def test_a_mistake_is_told_with_the_file_and_what_would_do(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(BadSetting, match=message) as caught:
        read(tmp_path, toml)
    assert str(caught.value).startswith(f"{tmp_path / SLACK_FILE}: ")


def test_a_token_in_the_place_of_its_variable_is_refused_and_not_repeated(tmp_path: Path) -> None:
    token = "-".join(["xoxb", "1", "secret"])
    with pytest.raises(BadSetting, match="must name the variable that holds its bot token") as caught:
        read(tmp_path, f"[[workspace]]\nteam = 'T0OTHER'\ntoken_variable = '{token}'")
    assert "secret" not in str(caught.value)


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / SLACK_FILE).mkdir()
    with pytest.raises(BadSetting, match="cannot be read"):
        read_slack_file(tmp_path)
