"""Every way of asking over Socket Mode, answered by the real model."""

import pytest

from eval.bench.bot import Bot
from service import Inyong
from tests.e2e.slack.conftest import QUESTION, quotes_in, wait_for_answer
from tests.slack_server import Message, SlackServer, Spoken

pytestmark = pytest.mark.models

REGIONS = ("경남", "대구", "울산", "전남", "제주")


@pytest.fixture(scope="module")
def asked(slack: SlackServer, bot: Bot) -> Spoken:
    """A mention."""
    return slack.say(f"{slack.mention} {QUESTION}").wait()


@pytest.fixture(scope="module")
def answer(slack: SlackServer, asked: Spoken) -> Message:
    """Its answer."""
    return wait_for_answer(slack, asked.thread)


def test_a_mention_is_answered_once_in_its_thread(slack: SlackServer, asked: Spoken, answer: Message) -> None:
    assert asked.is_acknowledged
    for region in REGIONS:
        assert region in answer.text
        assert region in answer.shown
    assert len(slack.messages(thread=asked.thread)) == 1
    assert [m for m in slack.messages() if m.thread_ts is None] == []


def test_the_sources_were_shown_before_the_answer(sample: Inyong, answer: Message) -> None:
    titles = [document.title for document in sample.documents()]
    with_title = [any(title in str(v.blocks) for title in titles) for v in answer.versions]
    assert with_title.index(True) < len(answer.versions) - 1
    assert not with_title[0]


def test_the_quotes_are_exact(sample: Inyong, answer: Message) -> None:
    texts = [sample.text(document.id) for document in sample.documents()]
    assert quotes_in(answer)
    for quote in quotes_in(answer):
        assert any(quote in text for text in texts)


def test_the_reaction_came_and_went(slack: SlackServer, asked: Spoken, answer: Message) -> None:
    slack.wait_for(lambda: not asked.message.reactions)
    assert asked.message.reacted


def test_nothing_unfurls_and_nobody_is_called(slack: SlackServer, answer: Message) -> None:
    for call in slack.calls("chat.postMessage"):
        assert call.arguments["unfurl_links"] is False
        assert call.arguments["unfurl_media"] is False
        assert call.arguments.get("link_names", False) is False
    assert [call for call in slack.calls() if call.error] == []


def test_a_reply_in_the_thread_is_a_follow_up(slack: SlackServer, asked: Spoken, answer: Message) -> None:
    further = slack.say("그럼 예산은?", thread_ts=asked.thread).wait()
    slack.wait_for(lambda: len(slack.messages(thread=asked.thread)) == 2)
    slack.wait_for(lambda: further.message.reacted and not further.message.reactions, 60)
    assert "350억" in slack.messages(thread=asked.thread)[-1].text


def test_a_direct_message_is_answered(slack: SlackServer, bot: Bot) -> None:
    spoken = slack.say("프랑스 대통령의 이름은 무엇인가요?", channel="D1DIRECT01").wait()
    refusal = wait_for_answer(slack, spoken.thread, channel="D1DIRECT01")
    assert "문서에서 확인되지 않습니다" in refusal.text
    assert "답이 아닙니다" in refusal.shown


def test_a_command_is_answered_for_its_asker_alone(slack: SlackServer, bot: Bot) -> None:
    slack.command(QUESTION, channel="G1PRIVATE1", user="U1BORA0001").wait()
    answer = wait_for_answer(slack, channel="G1PRIVATE1")
    assert {m.ephemeral_to for m in slack.messages("G1PRIVATE1")} == {"U1BORA0001"}
    assert "대구" in answer.text
    slack.press(answer, "inyong_share").wait()
    (shared,) = slack.wait_for(
        lambda: [m for m in slack.messages("G1PRIVATE1") if m.ephemeral_to is None], what="a shared answer"
    )
    assert "대구" in shared.text


def test_a_message_is_asked_about_with_the_shortcut(slack: SlackServer, bot: Bot) -> None:
    said = slack.say(QUESTION, user="U1BORA0001").wait()
    assert slack.messages(thread=said.thread) == []
    slack.shortcut(said.message, "ask_about_this").wait()
    assert "대구" in wait_for_answer(slack, said.thread).text


def test_the_passages_of_an_answer_are_shown(slack: SlackServer, asked: Spoken, answer: Message) -> None:
    assert slack.press(answer, "inyong_passages").wait().is_acknowledged
    (opened,) = slack.wait_for(slack.views)
    assert quotes_in(answer)[0] in str(opened.view["blocks"])
    assert slack.press(answer, "inyong_up").wait().is_acknowledged
