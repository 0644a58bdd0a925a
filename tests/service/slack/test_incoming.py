"""Which payloads of Slack are questions, and which."""

from typing import Any

import pytest

from service.slack.events import BotUser, from_command, from_event, from_shortcut, plain, team_of
from service.slack.rules import ChannelKind
from service.slack.types import Incoming, Trigger

BOT = BotUser("T1", "UBOT", "BBOT")


def message(text: str = "예산은?", **more: Any) -> dict[str, Any]:
    event = {"type": "message", "user": "UANN", "ts": "10.1", "channel": "C1", "channel_type": "channel"}
    return {"team_id": "T1", "event": event | {"text": text} | more}


def test_a_mention_and_its_twin_are_the_same_question() -> None:
    mention = message("<@UBOT> 예산은?", type="app_mention")
    del mention["event"]["channel_type"]
    twin = from_event(message("<@UBOT> 예산은?"), BOT)
    assert twin == from_event(mention, BOT)
    assert twin == Incoming("T1", "C1", "10.1", "UANN", "예산은?", Trigger.MENTION, None, "10.1", "10.1")


def test_a_mention_in_a_thread_is_answered_in_it() -> None:
    found = from_event(message("<@UBOT> 예산은?", thread_ts="9.1"), BOT)
    assert found
    assert (found.thread, found.message) == ("9.1", "10.1")


def test_a_direct_message_is_a_question() -> None:
    found = from_event(message(channel="D1", channel_type="im"), BOT)
    assert found
    assert (found.trigger, found.kind) == (Trigger.DIRECT, ChannelKind.DIRECT)


def test_a_reply_without_a_mention_may_be_a_follow_up() -> None:
    found = from_event(message(thread_ts="9.1"), BOT)
    assert found
    assert (found.trigger, found.thread) == (Trigger.FOLLOW_UP, "9.1")


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B2"},
        {"user": "UBOT"},
        {"user": ""},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"edited": {"user": "UANN", "ts": "11.1"}},
        {"hidden": True},
        {"ts": ""},
    ],
    ids=str,
)
def test_bots_edits_and_joins_ask_nothing(more: dict[str, Any]) -> None:
    assert from_event(message("<@UBOT> 예산은?", **more), BOT) is None


@pytest.mark.parametrize(
    ("text", "thread"),
    [
        ("예산은?", ""),
        ("예산은?", "10.1"),
        ("<@UBOB> 예산은?", "9.1"),
        ("<!here> 예산은?", "9.1"),
        ("<!subteam^S1> 예산은?", "9.1"),
        (" ", "9.1"),
    ],
)
def test_what_is_said_to_others_is_left_alone(text: str, thread: str) -> None:
    assert from_event(message(text, thread_ts=thread), BOT) is None


def test_a_file_with_a_question_is_a_question() -> None:
    assert from_event(message("<@UBOT> 예산은?", subtype="file_share"), BOT)


def test_a_channel_shared_with_strangers_is_known_for_one() -> None:
    found = from_event(message("<@UBOT> 예산은?") | {"is_ext_shared_channel": True}, BOT)
    assert found
    assert found.kind is ChannelKind.EXTERNAL


def test_the_words_are_those_that_were_typed() -> None:
    text = "<@UBOT> A&amp;B  &lt;표&gt; <https://a.example|보고서> <#C1|일반> <@UBOB> <mailto:a@b.example>"
    assert plain(text, BOT) == "A&B <표> 보고서 #일반 a@b.example"


def test_a_command_is_a_question_of_its_own_for_its_asker_alone() -> None:
    body = {
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "UANN",
        "text": "예산은?",
        "trigger_id": "1.2.3",
        "response_url": "https://hooks.example/1",
    }
    found = from_command(body, BOT)
    assert found
    assert (found.ts, found.thread, found.message) == ("command:1.2.3", "", "")
    assert "hooks.example" not in repr(found)
    assert from_command(body | {"trigger_id": ""}, BOT) is None


def test_a_shortcut_asks_what_the_message_says_in_its_thread() -> None:
    body = {
        "team": {"id": "T1"},
        "channel": {"id": "C1"},
        "user": {"id": "UANN"},
        "trigger_id": "1.2.3",
        "message": {"ts": "9.1", "text": "예산은?", "user": "UBOB"},
    }
    found = from_shortcut(body, BOT)
    assert found
    assert (found.user, found.text, found.thread, found.ts) == ("UANN", "예산은?", "9.1", "shortcut:1.2.3")


def test_the_workspace_is_the_one_whose_bot_is_told() -> None:
    assert team_of({"team_id": "T2", "authorizations": [{"team_id": "T1"}]}) == "T1"
    assert team_of({"team": {"id": "T1"}}) == "T1"
    assert team_of({}) == ""
