"""Commands, shortcuts and buttons."""

from tests.service.conftest import World
from tests.service.slack.app.conftest import BORA, QUESTION, answers, ask, is_answer, settle
from tests.slack_server import Message, SlackServer


def command_answer(slack: SlackServer, channel: str | None = None) -> Message:
    found = slack.wait_for(lambda: [m for m in slack.messages(channel) if is_answer(m)], what="an answer")
    return found[-1]


def test_a_command_is_seen_by_its_asker_alone(bot: None, slack: SlackServer) -> None:
    delivery = slack.command(QUESTION, user=BORA).wait()
    answer = command_answer(slack)
    assert delivery.is_acknowledged
    assert "350억 원" in answer.text
    assert {message.ephemeral_to for message in slack.messages()} == {BORA}
    assert len(slack.messages()) <= 3  # status, sources, answer: a command's messages cannot be replaced
    assert len([message for message in slack.messages() if is_answer(message)]) == 1
    assert not [call for call in slack.calls() if call.error]


def test_a_command_without_a_question_says_how_to_ask(bot: None, slack: SlackServer, world: World) -> None:
    slack.command("  ").wait()
    (reply,) = slack.wait_for(slack.messages)
    assert "/inyong" in reply.text
    assert world.generator.prompts == []


def test_each_command_is_a_question_of_its_own(bot: None, slack: SlackServer, world: World) -> None:
    for _ in range(2):
        slack.command(QUESTION).wait()
    slack.wait_for(lambda: len([m for m in slack.messages() if is_answer(m)]) == 2)


def test_a_command_whose_address_is_used_up_is_answered_all_the_same(bot: None, slack: SlackServer) -> None:
    slack.fail("response_url", "used_url", times=100)
    slack.command(QUESTION).wait()
    assert "350억 원" in command_answer(slack).text


def test_a_message_is_asked_about(bot: None, slack: SlackServer) -> None:
    said = slack.say(QUESTION, user=BORA).wait()
    slack.shortcut(said.message, "ask_about_this").wait()
    slack.wait_for(lambda: answers(slack, said))
    assert "350억 원" in answers(slack, said)[0].text


def test_an_answer_is_shared_where_everybody_may_see_it(bot: None, slack: SlackServer) -> None:
    slack.command(QUESTION, user=BORA).wait()
    slack.press(command_answer(slack), "inyong_share").wait()
    (shared,) = slack.wait_for(lambda: [m for m in slack.messages() if m.ephemeral_to is None])
    assert "350억 원" in shared.text


def test_sharing_twice_shares_once(bot: None, slack: SlackServer) -> None:
    slack.command(QUESTION, user=BORA).wait()
    answer = command_answer(slack)
    for delivery in [slack.press(answer, "inyong_share") for _ in range(3)]:
        delivery.wait()
    slack.wait_for(lambda: [m for m in slack.messages() if m.ephemeral_to is None])
    settle(slack, ask(slack))
    assert len([m for m in slack.messages() if m.ephemeral_to is None and m.thread_ts is None]) == 1


def test_the_passages_are_shown_in_a_modal(bot: None, slack: SlackServer) -> None:
    (answer,) = answers(slack, ask(slack))
    slack.press(answer, "inyong_passages").wait()
    (opened,) = slack.wait_for(slack.views)
    assert "350억 원" in str(opened.view["blocks"])


def test_an_opinion_is_kept_with_the_answer(bot: None, slack: SlackServer, world: World) -> None:
    from service.storage.answers import Archive, Rating

    (answer,) = answers(slack, ask(slack))
    slack.press(answer, "inyong_down").wait()
    archive = Archive(world.settings.home, 90)
    try:
        (rated,) = slack.wait_for(lambda: list(archive.rated()), what="a rating")
        assert rated.feedback
        assert rated.feedback.rating is Rating.DOWN
    finally:
        archive.close()


def test_asking_again_answers_again(bot: None, slack: SlackServer, world: World) -> None:
    spoken = ask(slack)
    (answer,) = answers(slack, spoken)
    slack.press(answer, "inyong_again").wait()
    slack.wait_for(lambda: len(answers(slack, spoken)) == 2, what="a second answer")
    assert len(world.generator.prompts) == 2
