"""Who sees what where: rules of slack.toml and of commands, looked at again for everything that is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.inyong import Inyong
from service.slack.rules import RuleStore
from tests.service.conftest import World
from tests.service.slack.app.conftest import BORA, REPLY, answers, ask, is_answer, running, settle
from tests.slack_server import Message, SlackServer, Spoken

ANNA, PUBLIC, PRIVATE, DIRECT = "U1ANNA0001", "C1GENERAL1", "G1PRIVATE1", "D1DIRECT01"
BOARD_SAYS = "이사회 안건은 청송 연수원 매각이다."
ASKED = "이사회 안건은 무엇인가요?"


@contextmanager
def ruled(world: World, slack: SlackServer, rules: str) -> Iterator[None]:
    """The bot under these rules, over the collection "town" and one of its board."""
    board = world.documents.parent / "board"
    board.mkdir()
    (board / "board.md").write_text(f"# 이사회\n\n{BOARD_SAYS}\n", encoding="utf-8")
    with Inyong(settings=world.settings) as inyong:
        inyong.index([board], collection="board")
    world.script(BOARD_SAYS)
    Path("slack.toml").write_text(rules, encoding="utf-8")
    with running(world, slack):
        yield


def said_in(slack: SlackServer, channel: str | None = None) -> str:
    """Everything that the bot has ever shown there."""
    return "\n".join(str(v) for m in slack.messages(channel) for v in m.versions)


def question(slack: SlackServer, channel: str) -> Spoken:
    return settle(slack, slack.say(f"{slack.mention} {ASKED}", channel=channel).wait())


def own_answer(slack: SlackServer, channel: str) -> Message:
    return slack.wait_for(lambda: [m for m in slack.messages(channel) if is_answer(m)], what="an answer")[-1]


def test_where_nothing_is_open_the_command_that_opens_it_is_told(world: World, slack: SlackServer) -> None:
    with ruled(world, slack, ""):
        question(slack, PUBLIC)
    assert "inyong slack collection public" in said_in(slack)
    assert world.generator.prompts == []


def test_a_public_channel_sees_what_is_public_and_no_more(world: World, slack: SlackServer) -> None:
    rules = f'public = ["town"]\n[[channel]]\nid = "{PUBLIC}"\ncollections = ["town", "board"]\n'
    with ruled(world, slack, rules):
        question(slack, PUBLIC)
    assert "연수원" not in said_in(slack)
    assert slack.messages()[0].text


def test_a_private_channel_sees_what_was_opened_to_it(world: World, slack: SlackServer) -> None:
    rules = f'public = ["town"]\n[[channel]]\nid = "{PRIVATE}"\ncollections = ["board"]\n'
    with ruled(world, slack, rules):
        spoken = question(slack, PRIVATE)
        assert "연수원" in answers(slack, spoken)[0].text


def test_a_direct_message_sees_what_its_person_may(world: World, slack: SlackServer) -> None:
    rules = f'public = ["town"]\n[[user]]\nid = "{ANNA}"\ncollections = ["board"]\n'
    with ruled(world, slack, rules):
        spoken = settle(slack, slack.say(ASKED, channel=DIRECT).wait())
        assert "연수원" in answers(slack, spoken)[0].text


def test_what_only_one_may_see_is_not_shared(world: World, slack: SlackServer) -> None:
    rules = f'public = ["town"]\n[[user]]\nid = "{ANNA}"\ncollections = ["board"]\n'
    with ruled(world, slack, rules):
        slack.command(ASKED, channel=PUBLIC, user=ANNA).wait()
        answer = own_answer(slack, PUBLIC)
        assert "연수원" in answer.text
        slack.press(answer, "inyong_share").wait()
        slack.wait_for(lambda: "공유하지 않았습니다" in said_in(slack), what="a refusal")
        assert {message.ephemeral_to for message in slack.messages()} == {ANNA}


def test_rights_taken_away_hold_for_what_was_answered_before(world: World, slack: SlackServer) -> None:
    with ruled(world, slack, 'public = ["town", "board"]\n'):
        slack.command(ASKED, channel=PUBLIC, user=ANNA).wait()
        answer = own_answer(slack, PUBLIC)
        store = RuleStore(world.settings.home)
        store.set_public("board", public=False)
        store.close()
        n_before = len(slack.calls("response_url"))
        slack.press(answer, "inyong_share").wait()
        slack.press(answer, "inyong_passages").wait()
        slack.wait_for(lambda: len(slack.calls("response_url")) == n_before + 2, what="two refusals")
        assert slack.views() == []
        assert [message for message in slack.messages() if message.ephemeral_to is None] == []


def test_nobody_presses_the_button_of_somebody_elses_private_answer(world: World, slack: SlackServer) -> None:
    with ruled(world, slack, 'public = ["town", "board"]\n'):
        slack.command(ASKED, channel=PUBLIC, user=ANNA).wait()
        slack.press(own_answer(slack, PUBLIC), "inyong_share", user=BORA).wait()
        settle(slack, slack.say(f"{slack.mention} {ASKED}").wait())
        assert len([m for m in slack.messages() if m.ephemeral_to is None and m.thread_ts is None]) == 0


def test_people_of_another_organisation_see_nothing_that_is_merely_public(
    world: World, slack: SlackServer
) -> None:
    slack.workspace.channels[PUBLIC].is_external = True
    with ruled(world, slack, 'public = ["town", "board"]\n'):
        question(slack, PUBLIC)
    assert "연수원" not in said_in(slack)


def test_an_ephemeral_channel_shows_each_answer_to_its_asker(world: World, slack: SlackServer) -> None:
    with ruled(world, slack, f'public = ["board"]\n[[channel]]\nid = "{PUBLIC}"\nephemeral = true\n'):
        spoken = slack.say(f"{slack.mention} {ASKED}", user=BORA).wait()
        assert "연수원" in own_answer(slack, PUBLIC).text
        slack.wait_for(lambda: spoken.message.reacted and not spoken.message.reactions)
        assert {message.ephemeral_to for message in slack.messages()} == {BORA}


def test_follow_ups_can_be_left_to_people(world: World, slack: SlackServer) -> None:
    with ruled(world, slack, f'public = ["town"]\n[[channel]]\nid = "{PUBLIC}"\nfollowups = false\n'):
        world.script(REPLY)
        first = ask(slack)
        slack.say("그건 왜 그런가요?", thread_ts=first.thread).wait()
        settle(slack, ask(slack))
        assert len(slack.messages(thread=first.thread)) == 1


@pytest.mark.parametrize("limit", ["user_per_hour", "workspace_per_day"])
def test_one_question_too_many_is_refused_politely(world: World, slack: SlackServer, limit: str) -> None:
    with ruled(world, slack, f'public = ["town"]\n[limits]\n{limit} = 1\n'):
        world.script(REPLY)
        ask(slack)
        refused = question(slack, PUBLIC)
        assert "다시 물어 주세요" in slack.messages(thread=refused.thread)[0].text
        assert len(world.generator.prompts) == 1
