"""Slack itself in trouble: what is refused, lost or cut off, and what people see all the same."""

from time import monotonic

import pytest

from service.slack import web_api
from tests.service.conftest import World
from tests.service.slack.app.conftest import CHANNEL, QUESTION, answers, ask, settle
from tests.slack_server import SlackServer


def test_retry_after_is_honoured(bot: None, slack: SlackServer, world: World) -> None:
    slack.fail("chat.postMessage", "ratelimited", seconds=2)
    spoken = ask(slack)
    first, second = slack.calls("chat.postMessage")[:2]
    assert second.at - first.at >= 2
    assert len(answers(slack, spoken)) == 1
    assert len(world.generator.prompts) == 1


@pytest.mark.parametrize("how", ["server_error", "lost_request", "internal_error"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "reactions.add", "reactions.remove"])
def test_what_fails_is_tried_again_and_generated_once(
    bot: None, slack: SlackServer, world: World, method: str, how: str
) -> None:
    slack.fail(method, how, times=2)
    spoken = ask(slack)
    assert len(answers(slack, spoken)) == 1
    assert len(slack.messages(thread=spoken.thread)) == 1
    assert len(world.generator.prompts) == 1


def test_a_message_that_arrived_without_an_answer_is_not_posted_twice(
    bot: None, slack: SlackServer, world: World
) -> None:
    slack.fail("chat.postMessage", "lost_answer", times=2)
    spoken = ask(slack)
    assert len(slack.messages(thread=spoken.thread)) == 1
    assert len(answers(slack, spoken)) == 1


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SlackApi are given up soon, from the start of the bot on."""
    monkeypatch.setattr(web_api, "_TIMEOUT_S", 0.5)


@pytest.mark.usefixtures("impatient", "bot")
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "reactions.add"])
def test_a_call_that_hangs_is_given_up_and_made_again(slack: SlackServer, world: World, method: str) -> None:
    slack.fail(method, "hang", seconds=30)
    spoken = ask(slack)
    assert len(answers(slack, spoken)) == 1
    assert len(slack.messages(thread=spoken.thread)) == 1
    assert len(world.generator.prompts) == 1


def test_blocks_that_slack_refuses_leave_the_text(bot: None, slack: SlackServer) -> None:
    slack.fail("chat.update", "invalid_blocks", times=100)
    spoken = slack.say(f"{slack.mention} {QUESTION}").wait()
    slack.wait_for(lambda: slack.calls("reactions.remove"))
    slack.faults.clear()
    again = ask(slack)
    assert len(answers(slack, again)) == 1
    assert slack.messages(thread=spoken.thread)


def test_a_reaction_that_is_refused_keeps_no_answer_away(bot: None, slack: SlackServer) -> None:
    slack.fail("reactions.*", "missing_scope", times=10)
    spoken = slack.say(f"{slack.mention} {QUESTION}").wait()
    slack.wait_for(lambda: answers(slack, spoken))


def test_a_deleted_status_is_followed_by_the_answer(bot: None, slack: SlackServer) -> None:
    slack.fail("chat.update", "message_not_found", times=100)
    spoken = settle(slack, slack.say(f"{slack.mention} {QUESTION}").wait())
    assert len(answers(slack, spoken)) == 1


def test_a_channel_without_rights_is_told_to_the_asker(bot: None, slack: SlackServer) -> None:
    slack.fail("chat.postMessage", "not_in_channel", times=100, channel=CHANNEL)
    slack.fail("chat.postEphemeral", "not_in_channel", times=100)
    slack.say(f"{slack.mention} {QUESTION}").wait()
    direct = slack.wait_for(lambda: slack.messages("D1DIRECT01"), what="a direct message")
    assert "350억 원" in direct[-1].text


def test_a_revoked_token_ends_nothing_else(bot: None, slack: SlackServer) -> None:
    slack.workspace.is_revoked = True
    slack.say(f"{slack.mention} {QUESTION}").wait()
    slack.wait_for(lambda: [call for call in slack.calls() if call.error == "token_revoked"])
    n_calls = len(slack.calls())
    slack.workspace.is_revoked = False
    assert len(answers(slack, ask(slack))) == 1
    assert n_calls < 20


def test_slacks_own_rates_are_enough(bot: None, slack: SlackServer, world: World) -> None:
    slack.faults.enforce()
    began = monotonic()
    said = [slack.say(f"{slack.mention} {QUESTION}") for _ in range(3)]
    for spoken in said:
        settle(slack, spoken.wait())
    assert [len(answers(slack, spoken)) for spoken in said] == [1, 1, 1]
    assert monotonic() - began < 20
    assert not [call for call in slack.calls() if call.error]
