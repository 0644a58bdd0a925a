"""Answers and quotes far longer than usual."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from service.inyong import Inyong
from tests.service.conftest import World
from tests.service.slack.app.conftest import is_answer, open_town, running, settle
from tests.slack_server import SlackServer

N_SENTENCES = 12


def long_sentences() -> list[str]:
    """Sentences of about 1,500 characters, few of them words."""
    return [
        f"제{n}조의 등대 보수 예산은 {n}억 원이며 {'가나다라마바사' * 210}에 쓴다."
        for n in range(1, N_SENTENCES + 1)
    ]


def long_world(world: World, slack: SlackServer) -> AbstractContextManager[None]:
    """The bot over one document of long sentences, which the model repeats."""
    world.settings = replace(
        world.settings,
        passage_most=4000,
        answer_tokens=2000,
        home=world.settings.home / "long",
    )
    path = world.documents.parent / "law.md"
    path.write_text("# 등대 조례\n\n" + "\n".join(long_sentences()) + "\n", encoding="utf-8")
    with Inyong(settings=world.settings) as inyong:
        inyong.index([path], collection="town")
    open_town(world)
    world.script(" ".join(long_sentences()))
    return running(world, slack)


def test_a_long_answer_comes_in_one_message_that_slack_takes(world: World, slack: SlackServer) -> None:
    with long_world(world, slack):
        spoken = settle(slack, slack.say(f"{slack.mention} 등대 보수 예산은 조마다 얼마인가요?").wait())
        (message,) = slack.messages(thread=spoken.thread)
    assert Path("slack.toml").exists()
    assert [call for call in slack.calls() if call.error] == []
    kept = [n for n, sentence in enumerate(long_sentences(), 1) if f"제{n}조의" in message.shown]
    assert len(kept) == 4
    assert is_answer(message)
