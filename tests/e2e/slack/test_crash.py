"""A process that is killed after it has acknowledged, and what its successor makes of that."""

from pathlib import Path

import pytest

from eval.bench.bot import Bot
from eval.bench.slack_load import is_end
from service import Inyong
from tests.e2e.slack.conftest import QUESTION, wait_for_answer
from tests.slack_server import SlackServer

pytestmark = pytest.mark.models


def test_a_killed_bot_answers_after_its_restart_and_once(
    slack: SlackServer, sample: Inyong, office: Path
) -> None:
    with Bot(slack, sample.settings.home, office) as bot:
        waiting = slack.say(f"{slack.mention} {QUESTION}").wait()
        assert waiting.is_acknowledged
        slack.wait_for(lambda: slack.messages(thread=waiting.thread), what="a status")
        bot.kill()
        assert not is_end(slack.messages(thread=waiting.thread)[-1].versions[-1])
        bot.start()
        answer = wait_for_answer(slack, waiting.thread)
        assert "대구" in answer.text
        slack.wait_for(lambda: not waiting.message.reactions)
        assert len(slack.messages(thread=waiting.thread)) == 1
