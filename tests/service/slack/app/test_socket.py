"""Connections of Socket Mode that end, politely or not."""

import pytest

from tests.service.conftest import World
from tests.service.slack.app.conftest import QUESTION, answers, ask, settle
from tests.slack_server import SlackServer


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_slack_may_ask_for_a_new_connection(bot: None, slack: SlackServer, reason: str) -> None:
    slack.refresh_connections(reason)
    slack.wait_for(lambda: slack.n_connected == 2 and slack.n_connections == 1)
    assert len(answers(slack, ask(slack))) == 1


def test_a_broken_connection_is_made_anew_and_nothing_is_lost(
    bot: None, slack: SlackServer, world: World
) -> None:
    slack.drop_connections()
    spoken = slack.say(f"{slack.mention} {QUESTION}")
    slack.wait_for(lambda: slack.n_connections)
    settle(slack, spoken.wait())
    assert spoken.is_acknowledged
    assert len(answers(slack, spoken)) == 1


def test_an_answer_on_its_way_survives_the_connection(bot: None, slack: SlackServer) -> None:
    spoken = slack.say(f"{slack.mention} {QUESTION}").wait()
    slack.drop_connections()
    settle(slack, spoken)
    assert len(answers(slack, spoken)) == 1
