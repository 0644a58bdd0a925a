"""Two workspaces, one bot: each has its own token, people and channels."""

from tests.service.conftest import World
from tests.service.slack.app.conftest import QUESTION, ask, is_answer
from tests.slack_server import SlackServer

SECOND = "T2TEAM0001"


def wait_for_answer(slack: SlackServer, channel: str | None, team: str) -> None:
    """Returns when there is an answer in the workspace."""
    slack.wait_for(lambda: [m for m in slack.messages(channel, team=team) if is_answer(m)])


def test_each_workspace_is_answered_with_its_own_token(two: None, slack: SlackServer) -> None:
    ask(slack)
    mention = slack.state.workspace(SECOND).mention
    slack.say(f"{mention} {QUESTION}", team=SECOND).wait()
    wait_for_answer(slack, None, SECOND)
    posted = {call.team for call in slack.calls("chat.postMessage")}
    assert posted == {slack.workspace.team, SECOND}
    assert not [call for call in slack.calls() if call.error]


def test_the_same_place_and_time_in_two_workspaces_are_two_questions(two: None, slack: SlackServer) -> None:
    first, second = slack.workspace, slack.state.workspace(SECOND)
    channel = next(iter(first.channels.values()))
    second.channels[channel.id] = type(channel)(channel.id, channel.name, members=set(second.users))
    said = slack.say(f"{first.mention} {QUESTION}").wait()
    twin = slack.say(f"{second.mention} {QUESTION}", team=SECOND, channel=channel.id, ts=said.message.ts)
    twin.wait()
    for team in (first.team, SECOND):
        wait_for_answer(slack, channel.id, team)


def test_a_revoked_token_of_one_leaves_the_other_alone(two: None, slack: SlackServer, world: World) -> None:
    second = slack.state.workspace(SECOND)
    second.is_revoked = True
    slack.say(f"{second.mention} {QUESTION}", team=SECOND).wait()
    slack.wait_for(lambda: [call for call in slack.calls() if call.error == "token_revoked"])
    ask(slack)
    assert slack.messages(team=SECOND) == []


def test_a_workspace_that_nobody_set_up_gets_nothing(bot: None, slack: SlackServer, world: World) -> None:
    from tests.slack_server.workspace import make_workspace

    stranger = make_workspace(3)
    slack.state.workspaces.append(stranger)
    slack.say(f"{stranger.mention} {QUESTION}", team=stranger.team).wait()
    ask(slack)
    assert slack.messages(team=stranger.team) == []
    assert len(world.generator.prompts) == 1
