"""What a pressed button becomes."""

from typing import Any

from service.slack.actions import click_of, repeat_question
from service.slack.types import Incoming


def pressed(**container: Any) -> Incoming:
    """The question asked again by a button of a message in this container."""
    body = {
        "team": {"id": "T1"},
        "user": {"id": "UBOB"},
        "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": "5.1", "channel_id": "C1", **container},
        "actions": [{"action_id": "inyong_again", "value": "abc:UANN"}],
        "trigger_id": "1.2.3",
        "response_url": "https://hooks.example/1",
    }
    click = click_of(body)
    assert click
    return repeat_question(click, "예산은?")


def test_asked_again_in_a_thread_it_is_answered_there() -> None:
    found = pressed(thread_ts="4.1", is_ephemeral=False)
    assert (found.user, found.thread, found.response_url) == ("UBOB", "4.1", "")


def test_asked_again_below_a_message_that_all_see_it_is_answered_to_all_and_replaces_nothing() -> None:
    found = pressed(is_ephemeral=False)
    assert (found.thread, found.response_url) == ("5.1", "")


def test_asked_again_alone_it_is_answered_to_the_asker_alone() -> None:
    found = pressed(is_ephemeral=True, thread_ts="4.1")
    assert (found.thread, found.response_url) == ("", "https://hooks.example/1")


def test_every_press_is_a_question_of_its_own() -> None:
    assert pressed(is_ephemeral=False).ts == "again:1.2.3"
