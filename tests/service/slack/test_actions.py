"""The buttons: rights are those of the moment of the click, wherever and by whomever it comes."""

from dataclasses import replace
from typing import Any

import pytest

from service.slack.actions import Actions, AskAgain, Click, Outcome, ShareAnswer, click_of
from service.slack.blocks import ASK_AGAIN, RATE_DOWN, RATE_UP, SHARE, SHOW_PASSAGES, Message
from service.slack.phrases import PHRASES
from service.slack.rules import ChannelKind, PlaceRule
from service.storage.answers import Rating
from tests.service.slack.conftest import ASKER, CHANNEL, LINKS, OTHER, QUESTION, TEAM, Office
from tests.service.slack.made import nodes, quotes_of, require_postable, shown

KO = PHRASES["ko"]
TOWN = PlaceRule(collections=frozenset({"town"}))


def click(action: str, answer_id: str, **fields: Any) -> Click:
    known = {"requester": ASKER, "team": TEAM, "channel": CHANNEL, "user": ASKER, "thread": "1.0"}
    return Click(action, answer_id, **{**known, **fields})


def act(office: Office, pressed: Click, kind: ChannelKind = ChannelKind.PUBLIC) -> Outcome:
    return Actions(office.archive, office.inyong.catalog, office.rules, LINKS).act(pressed, kind)


def told(outcome: Outcome) -> str:
    assert isinstance(outcome, Message)
    return outcome.text


@pytest.mark.parametrize(("action", "rating"), [(RATE_UP, Rating.UP), (RATE_DOWN, Rating.DOWN)])
@pytest.mark.parametrize("user", [ASKER, OTHER])
def test_a_rating_is_kept_with_the_answer(office: Office, action: str, rating: Rating, user: str) -> None:
    office.rules.set_public("town", public=True)
    answer = office.answer()
    assert told(act(office, click(action, answer.id, user=user))) == KO.thanks
    ((found),) = [kept for kept in office.archive.rated() if kept.id == answer.id]
    assert found.feedback is not None
    assert found.feedback.rating is rating


ALL = (RATE_UP, RATE_DOWN, SHOW_PASSAGES, ASK_AGAIN, SHARE)


@pytest.mark.parametrize("action", ALL)
def test_what_may_not_be_seen_there_any_more_can_neither_be_rated_nor_read(
    office: Office, action: str
) -> None:
    office.rules.set_public("town", public=True)
    answer = office.answer()
    office.rules.set_public("town", public=False)
    assert told(act(office, click(action, answer.id))) == KO.not_stored
    assert list(office.archive.rated()) == []


@pytest.mark.parametrize("action", ALL)
def test_an_answer_of_another_workspace_is_unknown(office: Office, action: str) -> None:
    office.rules.set_public("town", public=True)
    answer = office.answer()
    assert told(act(office, click(action, answer.id, team="T0OTHER"))) == KO.not_stored


@pytest.mark.parametrize("action", ALL)
def test_an_answer_of_somebody_else_is_not_found_under_another_name(office: Office, action: str) -> None:
    office.rules.set_public("town", public=True)
    answer = office.answer()
    assert told(act(office, click(action, answer.id, requester=OTHER, user=OTHER))) == KO.not_stored


def test_an_unknown_button_does_nothing(office: Office) -> None:
    office.rules.set_public("town", public=True)
    answer = office.answer()
    assert told(act(office, click("inyong_else", answer.id))) == KO.not_stored


def test_ask_again_asks_the_same_question(office: Office) -> None:
    office.rules.set_public("town", public=True)
    assert act(office, click(ASK_AGAIN, office.answer().id, user=OTHER)) == AskAgain(QUESTION)


def test_the_window_shows_each_quote_within_the_text_around_it(office: Office) -> None:
    office.rules.set_public("town", public=True)
    answer = office.answer()
    outcome = act(office, click(SHOW_PASSAGES, answer.id))
    assert isinstance(outcome, dict)
    (bold,) = [
        node["text"]
        for quote in nodes(outcome["blocks"])
        if quote["type"] == "rich_text_quote"
        for node in nodes(quote)
        if node.get("style") == {"bold": True}
    ]
    assert bold == answer.citations[0].quote


def alone(action: str, answer_id: str) -> Click:
    return click(action, answer_id, is_private=True, thread="")


def test_an_answer_for_its_asker_alone_is_shared_where_everybody_may_see_it(office: Office) -> None:
    office.rules.set_public("town", public=True)
    outcome = act(office, alone(SHARE, office.answer().id))
    assert isinstance(outcome, ShareAnswer)
    message = outcome.message
    require_postable(message)
    assert shown(message).startswith(f"{KO.shared}: {QUESTION}")
    assert quotes_of(message) == ["예산은 350억 원이 들었다."]
    buttons = [node["action_id"] for node in nodes(message.blocks) if node["type"] == "button"]
    assert SHARE not in buttons
    assert outcome.confirmation.text == KO.share_done


def test_what_only_its_asker_may_see_is_not_shared(office: Office) -> None:
    office.rules.set_place(ASKER, TOWN)
    answer = office.answer()
    assert isinstance(act(office, alone(SHOW_PASSAGES, answer.id)), dict)
    assert told(act(office, alone(SHARE, answer.id))) == KO.share_refused


def test_nobody_else_can_share_an_answer(office: Office) -> None:
    office.rules.set_public("town", public=True)
    answer = office.answer()
    assert told(act(office, replace(alone(SHARE, answer.id), user=OTHER))) == KO.not_stored


def test_what_a_person_may_see_is_not_shown_to_who_else_presses_the_button(office: Office) -> None:
    office.rules.set_place(ASKER, TOWN)
    answer = office.answer()
    assert told(act(office, replace(alone(SHOW_PASSAGES, answer.id), user=OTHER))) == KO.not_stored


def test_an_answer_with_a_document_that_is_gone_is_not_shared(office: Office) -> None:
    office.rules.set_public("town", public=True)
    answer = office.answer()
    office.inyong.forget(answer.citations[0].document_id)
    assert told(act(office, alone(SHARE, answer.id))) == KO.share_refused


def test_a_refusal_can_be_shared_with_the_nearest_passages(office: Office) -> None:
    office.rules.set_public("town", public=True)
    office.world.script("NONE")
    answer = office.answer("프랑스 대통령의 이름은 무엇인가요?")
    assert answer.abstained
    outcome = act(office, alone(SHARE, answer.id))
    assert isinstance(outcome, ShareAnswer)
    assert KO.nearest in shown(outcome.message)


def payload(**fields: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": OTHER, "team_id": TEAM},
        "team": {"id": TEAM},
        "channel": {"id": CHANNEL},
        "container": {"type": "message", "message_ts": "2.0", "channel_id": CHANNEL, "is_ephemeral": False},
        "message": {"ts": "2.0", "thread_ts": "1.0"},
        "actions": [{"action_id": RATE_UP, "value": f"{'a' * 32}:{ASKER}"}],
    }
    return {**known, **fields}


def test_a_click_is_read_from_slacks_payload() -> None:
    assert click_of(payload()) == Click(
        RATE_UP, "a" * 32, ASKER, TEAM, CHANNEL, OTHER, thread="1.0", message="2.0"
    )


def test_a_click_below_an_answer_for_one_alone_says_so() -> None:
    container = {"type": "message", "channel_id": CHANNEL, "is_ephemeral": True}
    found = click_of(payload(container=container, message=None, channel=None, team=None))
    assert found == Click(RATE_UP, "a" * 32, ASKER, TEAM, CHANNEL, OTHER, thread="", is_private=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"actions": []},
        {"actions": [{"action_id": RATE_UP}]},
        {"actions": [{"action_id": RATE_UP, "value": "a"}]},
        {"actions": [{"action_id": RATE_UP, "value": f"{'a' * 65}:{ASKER}"}]},
        {"actions": [{"action_id": RATE_UP, "value": f"a' OR 1=1:{ASKER}"}]},
        {"user": {}},
        {"channel": None, "container": {}},
    ],
)
def test_what_no_button_of_ours_sends_is_no_click(fields: dict[str, Any]) -> None:
    assert click_of(payload(**fields)) is None
