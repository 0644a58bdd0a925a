"""The guides say what is so: their commands exist, their file can be read, they tell of every scope."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from service.cli.app import app
from service.slack.manifest import SCOPES
from service.slack.phrases import PHRASES
from service.slack.rules import SLACK_FILE, Limits, read_slack_file

DOCS = Path(__file__).parents[3] / "docs"
GUIDES = {"en": DOCS / "slack.md", "ko": DOCS / "slack.ko.md"}
TEXTS = {language: path.read_text(encoding="utf-8") for language, path in GUIDES.items()}
SECTIONS = {"en": "## What the app may do", "ko": "## 앱의 권한"}


def blocks_of(text: str) -> list[tuple[str, str]]:
    """Language and content of each block of code."""
    return re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL)


def commands_in(text: str) -> set[str]:
    """Every command line, from blocks and from within sentences."""
    in_blocks = re.findall(
        r"^\s*(inyong .*)$", "\n".join(block for _, block in blocks_of(text)), re.MULTILINE
    )
    in_sentences = [found for found in re.findall(r"`([^`\n]+)`", text) if found.startswith("inyong ")]
    return {line.partition("#")[0].strip() for line in [*in_blocks, *in_sentences]}


COMMANDS = sorted(set().union(*map(commands_in, TEXTS.values())))


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_guide_exists_with_its_options(line: str) -> None:
    command: Any = typer.main.get_command(app)
    words = shlex.split(line)[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    assert not getattr(command, "commands", {}) or not words


def test_both_languages_show_the_same_commands() -> None:
    assert commands_in(TEXTS["en"]) == commands_in(TEXTS["ko"])


@pytest.mark.parametrize("language", GUIDES)
def test_the_file_that_it_shows_can_be_read(tmp_path: Path, language: str) -> None:
    (text,) = [text for kind, text in blocks_of(TEXTS[language]) if kind == "toml"]
    (tmp_path / SLACK_FILE).write_text(text, encoding="utf-8")
    file = read_slack_file(tmp_path)
    assert file.limits == Limits()  # what it shows are the defaults
    assert set(file.places) == {"C0123ABCD", "U0123ABCD"}


@pytest.mark.parametrize("language", GUIDES)
def test_it_tells_what_each_scope_is_for(language: str) -> None:
    section = TEXTS[language].partition(SECTIONS[language])[2].partition("\n## ")[0]
    assert set(re.findall(r"`([\w.]+:\w+)`", section)) | {"commands"} == set(SCOPES)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "No collection is shared with Slack yet"), ("ko", "아직 Slack에 열린 문서 모음이 없습니다")],
)
def test_the_sentence_that_it_quotes_is_said(language: str, said: str) -> None:
    assert said in TEXTS[language]
    assert PHRASES[language].not_set_up.startswith(said)
