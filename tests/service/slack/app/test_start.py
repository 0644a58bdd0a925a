"""A start while Slack is in trouble, and an end while there is work."""

import threading

import pytest

from service.slack import bot as slack_bot
from service.slack import web_api
from tests.service.api.conftest import PacedGenerator
from tests.service.conftest import World
from tests.service.slack.app.conftest import QUESTION, REPLY, answers, ask, open_town, running, settle
from tests.slack_server import SlackServer


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
@pytest.mark.parametrize("how", ["server_error", "ratelimited", "lost_request"])
def test_a_start_waits_for_slack(
    world: World, slack: SlackServer, monkeypatch: pytest.MonkeyPatch, method: str, how: str
) -> None:
    monkeypatch.setattr(web_api, "_MIN_BACKOFF_S", 0.02)
    open_town(world)
    slack.fail(method, how, times=2)
    with running(world, slack):
        assert len(answers(slack, ask(slack))) == 1


def test_a_token_that_slack_does_not_know_is_told_in_a_sentence(
    world: World, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_town(world)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-of-nobody")
    with pytest.raises(AssertionError, match="SLACK_BOT_TOKEN") as failed, running(world, slack):
        pass
    assert "BadSetting" in str(failed.value)
    assert "xoxb-of-nobody" not in str(failed.value)


def test_what_is_unfinished_at_the_end_is_answered_after_the_next_start(
    world: World, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_bot, "_GRACE_S", 0.2)
    open_town(world)
    paced = world.generator = PacedGenerator([REPLY])
    with running(world, slack):
        spoken = slack.say(f"{slack.mention} {QUESTION}").wait()
        assert paced.began.wait(10)
        threading.Timer(1.0, paced.allow, (10_000,)).start()
    assert answers(slack, spoken) == []
    assert slack.messages(thread=spoken.thread)
    world.generator = PacedGenerator([REPLY])
    world.generator.allow(10_000)
    with running(world, slack):
        settle(slack, spoken)
        assert len(answers(slack, spoken)) == 1
        assert len(slack.messages(thread=spoken.thread)) == 1
