"""docs/slack.md says what is so: its commands exist, its file can be read, its scopes are the manifest's."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from service.cli.app import app
from service.slack.manifest import SCOPES
from service.slack.phrases import PHRASES
from service.slack.slack_file import SLACK_FILE, Limits, read_slack_file

GUIDE = (Path(__file__).parents[3] / "docs" / "slack.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", GUIDE, re.DOTALL)
IN_BLOCKS = re.findall(r"^\s*(inyong .*)$", "\n".join(text for _, text in BLOCKS), re.MULTILINE)
IN_LINE = [found for found in re.findall(r"`([^`]+)`", GUIDE) if found.startswith("inyong ")]
COMMANDS = sorted({line.partition("#")[0].strip() for line in [*IN_BLOCKS, *IN_LINE]})


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_guide_exists_with_its_options(line: str) -> None:
    command: Any = typer.main.get_command(app)
    words = shlex.split(line)[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    assert not getattr(command, "commands", {}) or not words


def test_the_file_that_it_shows_can_be_read(tmp_path: Path) -> None:
    (text,) = [text for kind, text in BLOCKS if kind == "toml"]
    (tmp_path / SLACK_FILE).write_text(text, encoding="utf-8")
    file = read_slack_file(tmp_path)
    assert file.limits == Limits()  # what it shows are the defaults
    assert set(file.places) == {"C0123ABCD", "U0123ABCD"}


def test_it_tells_what_each_scope_is_for() -> None:
    section = GUIDE.partition("## What the app may do")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([\w.]+:\w+)`", section)) | {"commands"} == set(SCOPES)


def test_the_sentence_that_it_quotes_is_said() -> None:
    assert "No collection is open to Slack yet" in GUIDE
    assert PHRASES["en"].not_set_up.startswith("No collection is open to Slack yet")
