"""A bot started as people start it, with the real models, in a workspace of the local Slack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.bench.bot import Bot
from eval.bench.slack_load import is_end
from service import Inyong
from tests.slack_server import Message, SlackServer

QUESTION = "선정된 지역은 어디이고 예산은 얼마인가요?"
SOON_S = 120.0


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to run in; what it shows to Slack is the collection of the sample documents."""
    folder = tmp_path_factory.mktemp("slack-office")
    (folder / "slack.toml").write_text('public = ["default"]\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackServer]:
    with SlackServer() as slack:
        yield slack


@pytest.fixture(scope="module")
def bot(slack: SlackServer, sample: Inyong, office: Path) -> Iterator[Bot]:
    """Connected over Socket Mode."""
    with Bot(slack, sample.settings.home, office) as bot:
        yield bot
        assert bot.stop() == 0, bot.told
        assert "Traceback" not in bot.told


def wait_for_answer(slack: SlackServer, thread: str | None = None, *, channel: str | None = None) -> Message:
    """The message that ends the question, when it is there."""

    def look() -> Message | None:
        found = [m for m in slack.messages(channel, thread=thread) if is_end(m.versions[-1])]
        return found[-1] if found else None

    message = slack.wait_for(look, SOON_S, "an answer")
    assert message
    return message


def quotes_in(message: Message) -> list[str]:
    """What is shown as quoted, in elements whose text Slack leaves alone."""
    return [
        "".join(piece["text"] for piece in part["elements"])
        for block in message.blocks
        if block["type"] == "rich_text"
        for part in block["elements"]
        if part["type"] == "rich_text_quote"
    ]
