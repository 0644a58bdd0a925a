"""What is a question, told by Slack's own libraries: answered once, in its thread."""

from tests.service.conftest import World
from tests.service.slack.app.conftest import QUESTION, answers, ask, settle
from tests.slack_server import SlackServer
from tests.slack_server.payloads import Payload


def test_a_mention_and_its_twin_get_one_answer(bot: None, slack: SlackServer, world: World) -> None:
    spoken = ask(slack)
    (answer,) = answers(slack, spoken)
    assert "350억 원" in answer.text
    assert answer.thread_ts == spoken.message.ts
    assert len(world.generator.prompts) == 1


def test_a_storm_of_a_dozen_events_gets_one_answer(bot: None, slack: SlackServer, world: World) -> None:
    spoken = slack.say(f"{slack.mention} {QUESTION}", n_repeats=10).wait()
    assert len(spoken.deliveries) == 12
    assert all(delivery.is_acknowledged for delivery in spoken.deliveries)
    settle(slack, spoken)
    assert len(answers(slack, spoken)) == 1
    assert len(world.generator.prompts) == 1


def test_everybody_in_a_storm_of_many_gets_one_answer(bot: None, slack: SlackServer) -> None:
    said = [slack.say(f"{slack.mention} {QUESTION}", n_repeats=n % 7) for n in range(12)]
    for spoken in said:
        settle(slack, spoken.wait())
    assert [len(answers(slack, spoken)) for spoken in said] == [1] * 12


def test_a_direct_message_needs_no_mention(bot: None, slack: SlackServer) -> None:
    spoken = settle(slack, slack.say(QUESTION, channel="D1DIRECT01").wait())
    (answer,) = answers(slack, spoken)
    assert "350억 원" in answer.text


def test_a_reply_in_a_thread_of_the_bot_needs_no_mention(bot: None, slack: SlackServer, world: World) -> None:
    first = ask(slack)
    world.script("개관식에는 주민 40여 명이 왔다.")
    further = settle(slack, slack.say("개관식에는 몇 명이 왔나요?", thread_ts=first.thread).wait())
    assert len(answers(slack, further)) == 2
    assert len(world.generator.prompts) == 2


def test_a_reply_to_somebody_else_is_left_alone(bot: None, slack: SlackServer, world: World) -> None:
    first = ask(slack)
    slack.say("<@U1BORA0001> 이거 맞나요?", thread_ts=first.thread).wait()
    settle(slack, ask(slack))
    assert len(answers(slack, first)) == 1
    assert len(world.generator.prompts) == 2


def test_what_is_no_question_to_the_bot_is_left_alone(bot: None, slack: SlackServer, world: World) -> None:
    root = slack.say("점심 먹을까요?").wait()
    slack.say("좋아요", thread_ts=root.thread).wait()
    slack.say("<@U1BORA0001> 회의록 어디 있나요?").wait()
    slack.join("U1BORA0001").wait()
    slack.edit(root.message, f"{slack.mention} {QUESTION}").wait()
    ask(slack)
    assert len(world.generator.prompts) == 1
    assert slack.messages(thread=root.thread) == []


def test_other_bots_and_the_bot_itself_ask_nothing(bot: None, slack: SlackServer, world: World) -> None:
    loop = slack.say_as_another_bot(f"{slack.mention} {QUESTION}").wait()
    first = ask(slack)
    slack.say_as_another_bot(f"{slack.mention} 다시", thread_ts=first.thread).wait()
    settle(slack, ask(slack))
    assert slack.messages(thread=loop.thread) == []
    assert len(answers(slack, first)) == 1
    assert len(world.generator.prompts) == 2


def test_events_that_make_no_sense_are_taken_and_left_alone(
    bot: None, slack: SlackServer, world: World
) -> None:
    mention = {"type": "app_mention", "user": "U1ANNA0001", "ts": "1.2", "channel": "C1GENERAL1", "text": "a"}
    bad: list[Payload] = [
        {"type": "message"},
        {"type": "reaction_added", "item": None},
        {"type": "team_join", "user": {"id": 3}},
    ]
    bad += [{**mention, name: None} for name in ("user", "ts", "channel")]
    for event in bad:
        assert slack.send_event(event).wait().is_acknowledged
    ask(slack)
    assert len(world.generator.prompts) == 1


def test_a_mention_without_a_question_is_told_how_to_ask(bot: None, slack: SlackServer) -> None:
    spoken = settle(slack, slack.say(slack.mention).wait())
    (reply,) = slack.messages(thread=spoken.thread)
    assert reply.text
    assert not answers(slack, spoken)


def test_a_question_of_ten_thousand_characters_has_a_visible_end(
    bot: None, slack: SlackServer, world: World
) -> None:
    spoken = slack.say(f"{slack.mention} " + "예산은 얼마인가요? " * 1000).wait()
    assert len(spoken.message.text) > 10_000
    settle(slack, spoken)
    assert slack.messages(thread=spoken.thread)[-1].text
    assert [call for call in slack.calls() if call.error] == []


def test_a_failure_of_the_model_is_said(bot: None, slack: SlackServer, world: World) -> None:
    world.script(RuntimeError("broken"))
    spoken = settle(slack, slack.say(f"{slack.mention} {QUESTION}").wait())
    (reply,) = slack.messages(thread=spoken.thread)
    assert "만들지 못했습니다" in reply.text
    assert "broken" not in reply.text


def test_what_is_not_in_the_documents_is_refused_with_the_nearest(
    bot: None, slack: SlackServer, world: World
) -> None:
    spoken = settle(slack, slack.say(f"{slack.mention} 프랑스 대통령의 이름은 무엇인가요?").wait())
    (reply,) = slack.messages(thread=spoken.thread)
    assert "문서에서 확인되지 않습니다" in reply.text
    assert "답이 아닙니다" in reply.shown


def test_quotes_that_are_the_answer_are_shown_once(bot: None, slack: SlackServer, world: World) -> None:
    world.script("예산은 99억 원이 들었다.")
    (answer,) = answers(slack, ask(slack))
    assert "99억" not in answer.shown
    assert answer.shown.count("예산은 350억 원이 들었다") == 1
    assert answer.text.count("예산은 350억 원이 들었다") == 1


def test_the_status_comes_at_once_and_becomes_the_answer(bot: None, slack: SlackServer) -> None:
    (answer,) = answers(slack, ask(slack))
    assert len(answer.versions) >= 2
    assert "350억" not in answer.versions[0].text
    assert not any(block["type"] == "actions" for block in answer.versions[0].blocks)


def test_mentions_in_questions_and_documents_call_nobody(bot: None, slack: SlackServer, world: World) -> None:
    from service.inyong import Inyong

    (world.documents / "hostile.md").write_text(
        "# <!channel> 공지\n\n<!here> <@U1BORA0001> 등대 점검 비용은 80만 원이다.\n", encoding="utf-8"
    )
    with Inyong(settings=world.settings) as inyong:
        inyong.index([world.documents], collection="town")
    world.script("등대 점검 비용은 80만 원이다.")
    spoken = settle(slack, slack.say(f"{slack.mention} 등대 점검 비용은 얼마인가요? <!everyone>").wait())
    assert "80만 원" in slack.messages(thread=spoken.thread)[-1].text
    for reply in slack.messages(thread=spoken.thread):
        for version in reply.versions:
            for call in ("<!channel", "<!here", "<!everyone", "<@U1BORA0001>"):
                assert call not in version.text
                assert f'"mrkdwn", "text": "{call}' not in str(version.blocks)
        assert reply.arguments.get("link_names", False) is False
