"""Calls that Slack puts off, refuses, or does not answer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from time import monotonic
from typing import Any

import pytest

from service.slack import web_api
from service.slack.blocks import Message
from service.slack.posting import Posting
from service.slack.web_api import (
    ResponseLost,
    SlackApi,
    SlackBusy,
    SlackRefused,
    SlackUnreachable,
    TokenGone,
)
from tests.slack_server import SlackServer

POST = "chat.postMessage"


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    monkeypatch.setattr(web_api, "_MIN_BACKOFF_S", 0.001)
    with SlackServer() as slack:
        yield slack


def run(slack: SlackServer, what: Callable[[SlackApi], Awaitable[Any]], api_url: str = "") -> Any:
    async def whole() -> Any:
        calls = SlackApi(api_url or slack.api_url)
        try:
            return await what(calls)
        finally:
            await calls.close()

    return asyncio.run(whole())


def say(slack: SlackServer, text: str, channel: int = 0) -> dict[str, Any]:
    channels = [one.id for one in slack.workspace.channels.values() if one.has_bot]
    return {"channel": channels[channel], "text": text}


def test_what_slack_puts_off_is_done_when_it_says(slack: SlackServer) -> None:
    slack.fail(POST, "ratelimited", seconds=1.0)

    async def post(calls: SlackApi) -> list[float]:
        await calls.call(slack.workspace.bot_token, "auth.test", {})  # the first call imports Slack's SDK
        began = monotonic()

        async def one(channel: int) -> float:
            await calls.call(slack.workspace.bot_token, POST, say(slack, "답", channel))
            return monotonic() - began

        first = asyncio.create_task(one(0))
        await asyncio.sleep(0.3)
        return [*await asyncio.gather(one(0), one(1)), await first]

    same, other, first = run(slack, post)
    assert first >= 1.0
    assert same >= 1.0
    assert other < 0.9


def test_what_need_not_be_done_is_left_while_slack_is_busy(slack: SlackServer) -> None:
    slack.fail("chat.update", "ratelimited", seconds=60.0)

    async def update(calls: SlackApi) -> None:
        for _ in range(2):
            with pytest.raises(SlackBusy):
                await calls.call(slack.workspace.bot_token, "chat.update", {}, waits=False)

    run(slack, update)
    assert len(slack.calls("chat.update")) == 1


def test_what_fails_for_a_moment_is_tried_again(slack: SlackServer) -> None:
    slack.fail("auth.test", "server_error", times=2)
    slack.fail("auth.test", "internal_error")
    slack.fail("auth.test", "lost_answer")
    found = run(slack, lambda calls: calls.call(slack.workspace.bot_token, "auth.test", {}))
    assert found["team_id"] == slack.workspace.team


def test_what_goes_on_failing_is_given_up(slack: SlackServer) -> None:
    slack.fail("auth.test", "server_error", times=100)
    with pytest.raises(SlackUnreachable):
        run(slack, lambda calls: calls.call(slack.workspace.bot_token, "auth.test", {}))
    assert len(slack.calls("auth.test")) == web_api.MAX_TRIES


def test_what_cannot_be_done_twice_and_was_not_answered_is_told(slack: SlackServer) -> None:
    slack.fail(POST, "lost_answer")
    with pytest.raises(ResponseLost):
        run(
            slack,
            lambda calls: calls.call(slack.workspace.bot_token, POST, say(slack, "답"), repeatable=False),
        )
    assert len(slack.messages()) == 1


def test_a_refusal_says_why_and_is_not_tried_again(slack: SlackServer) -> None:
    with pytest.raises(SlackRefused) as caught:
        run(
            slack,
            lambda calls: calls.call(slack.workspace.bot_token, POST, {"channel": "C0NO", "text": "답"}),
        )
    assert caught.value.code == "channel_not_found"
    assert len(slack.calls(POST)) == 1


def test_a_token_that_is_not_valid_is_known_for_one(slack: SlackServer) -> None:
    with pytest.raises(TokenGone):
        run(slack, lambda calls: calls.call("xoxb-unknown", "auth.test", {}))


def test_where_nobody_listens_nothing_can_have_happened(slack: SlackServer) -> None:
    with pytest.raises(SlackUnreachable):
        run(
            slack,
            lambda calls: calls.call("xoxb-1", POST, say(slack, "답"), repeatable=False),
            "http://127.0.0.1:9/api/",
        )


def test_an_address_that_takes_nothing_more_is_a_refusal(slack: SlackServer) -> None:
    channel = next(iter(slack.workspace.channels))
    url = slack.state.new_response_url(slack.workspace, channel, "U1ANNA0001", "commands")

    async def respond(calls: SlackApi) -> None:
        for _ in range(5):
            await calls.respond(url, {"text": "답"})
        with pytest.raises(SlackRefused) as caught:
            await calls.respond(url, {"text": "답"})
        assert url not in str(caught.value)

    run(slack, respond)


def test_a_message_that_may_exist_is_looked_for_before_it_is_posted(slack: SlackServer) -> None:
    asked = slack.workspace.add_message(
        next(iter(slack.workspace.channels.values())), "U1ANNA0001", "예산은?", []
    )

    async def post(calls: SlackApi) -> None:
        posting = Posting(calls, lambda team: slack.workspace.bot_token)
        said = Message("답", ())

        async def once(key: str, *, may_exist: bool) -> str:
            return await posting.post(
                slack.workspace.team, asked.channel, said, thread=asked.ts, key=key, may_exist=may_exist
            )

        ts = await once("a", may_exist=True)
        assert await once("a", may_exist=True) == ts
        assert await once("b", may_exist=True) != ts

    run(slack, post)
    assert len(slack.messages(thread=asked.ts)) == 2
