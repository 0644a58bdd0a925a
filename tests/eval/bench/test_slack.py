"""Figures of the Slack bench, from messages whose figures are known."""

from collections.abc import Iterator
from dataclasses import astuple

import httpx
import pytest

from eval.bench.instant_llm import instant_llm, reply_to
from eval.bench.slack import ack_figures, memory_figures, outcome_figures, wait_figures
from eval.bench.slack_load import Outcome, Waits, outcomes, waits_of
from service.language_models.server_address import parse_server
from tests.slack_server import Message, SlackServer, Spoken
from tests.slack_server.delivery import Attempt, Delivery, Reply
from tests.slack_server.workspace import Version

BUTTONS = {"type": "actions", "elements": [{"type": "button", "action_id": "a", "value": "v"}]}


def quoting(text: str) -> dict[str, object]:
    piece = {"type": "text", "text": text}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [piece]}]}


def message(ts: str, *versions: Version, thread: str | None = None) -> Message:
    return Message(ts, "C1", "U1", list(versions), thread)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(retry_pauses_s=()) as slack:
        yield slack


def test_an_acknowledgement_at_the_second_try_is_none() -> None:
    late, soon = Delivery("events_api", {}), Delivery("events_api", {})
    late.attempts = [Attempt(0, 3.0, Reply(0, "timeout")), Attempt(3.1, 0.1, Reply(200))]
    soon.attempts = [Attempt(0, 0.25, Reply(200))]
    figures = ack_figures([Spoken(message("1.0"), (late, soon))])
    assert figures["events at once"] == 2
    assert figures["acknowledged at the first try"] == 1
    assert figures["acknowledgement, s, 99th percentile"] == 0.25


def test_silence_and_a_second_answer_are_counted() -> None:
    found = [
        Outcome(True, 1, False),
        Outcome(True, 0, True),
        Outcome(True, 2, False),
        Outcome(False, 0, False),
    ]
    figures = outcome_figures(found)
    assert figures["questions accepted"] == 3
    assert figures["accepted without a visible end"] == 1
    assert figures["answered more than once"] == 1
    assert figures["reactions left"] == 1


def test_only_what_has_buttons_or_apologises_ends_a_question(slack: SlackServer) -> None:
    workspace = slack.workspace
    channel = next(iter(workspace.channels.values()))
    said = [slack.say(f"{slack.mention} 질문").wait() for _ in range(3)]
    for spoken, text, blocks in zip(said, ("답", "⚠️ 실패", "찾는 중"), ([BUTTONS], [], []), strict=True):
        workspace.add_message(
            channel, workspace.bot_user, text, blocks, thread_ts=spoken.thread, bot_id=workspace.bot_id
        )
    assert [one.n_ends for one in outcomes(slack, said)] == [1, 1, 0]


def test_what_people_see_is_timed_from_the_question() -> None:
    asked = message("1.0", Version(100.0, "질문", []))
    asked.reacted.append((100.2, "eyes"))
    reply = message(
        "2.0",
        Version(100.3, "찾는 중", [quoting("찾는 중")]),
        Version(101.0, "찾음", [quoting("휴가 규정")]),
        Version(105.0, "답", [quoting("휴가 규정"), BUTTONS]),
        thread="1.0",
    )
    waits = waits_of(Spoken(asked, ()), [reply], ["휴가 규정"])
    assert astuple(waits) == pytest.approx((0.2, 0.3, 1.0, 5.0))
    figures = wait_figures([waits, Waits(0.4, None, None, None)])
    assert figures["mention to answer, s, median"] == pytest.approx(5.0)
    assert figures["without answer"] == 1


def test_the_instant_model_repeats_its_first_sentence() -> None:
    assert reply_to("[1] 옛 예.\n\n질문: 가?") == "옛 예. [1]"
    with instant_llm() as llm:
        server = parse_server(llm)
        body = {
            "stream": True,
            "messages": [{"role": "user", "content": "[1] 예산은 3억이다.\n[2] 끝.\n질문: ?"}],
        }
        lines = httpx.post(f"{server.url}/chat/completions", json=body).text
        assert "[DONE]" in lines
        assert httpx.get(f"{server.url}/models").json()["data"] == [{"id": server.model}]


def test_memory_is_told_by_fifths() -> None:
    figures = memory_figures([100.0, 110.0, 120.0, 120.0, 130.0, 131.0, 132.0, 132.0, 132.0, 140.0])
    assert figures["memory, at first, MB"] == 100.0
    assert figures["memory, each fifth, MB"] == "105 120 130 132 136"
    assert memory_figures([7.0])["memory, each fifth, MB"] == "7"
