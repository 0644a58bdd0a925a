"""What the server sends is what Slack's own libraries expect, over the socket and over HTTP."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import SlackServer
from tests.slack_server.http_events import signed_request


class Bot:
    """Slack's own Socket Mode client in a thread, which acknowledges what it does not ignore."""

    def __init__(self, slack: SlackServer) -> None:
        self.seen: list[SocketModeRequest] = []
        self.n_to_ignore = 0
        self.reply: dict[str, Any] | None = None
        self._slack = slack

    async def run(self, stop: asyncio.Event) -> None:
        client = SocketModeClient(
            self._slack.state.app_token, web_client=AsyncWebClient(base_url=self._slack.api_url)
        )
        client.socket_mode_request_listeners.append(self._take)
        try:
            await client.connect()  # type: ignore[no-untyped-call]
            await stop.wait()
        finally:
            await client.close()  # type: ignore[no-untyped-call]

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.seen.append(request)
        if self.n_to_ignore:
            self.n_to_ignore -= 1
        else:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, self.reply))


@contextmanager
def connected(slack: SlackServer) -> Iterator[Bot]:
    bot, stop, loop = Bot(slack), asyncio.Event(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(bot.run(stop),))
    thread.start()
    try:
        slack.wait_for_connection()
        yield bot
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def test_a_mention_comes_as_two_events_of_one_message(slack: SlackServer) -> None:
    with connected(slack) as bot:
        spoken = slack.say(f"{slack.mention} 예산은?").wait()
    assert spoken.is_acknowledged
    events = [request.payload["event"] for request in bot.seen]
    assert {event["type"] for event in events} == {"message", "app_mention"}
    assert {(event["channel"], event["ts"]) for event in events} == {("C1GENERAL1", spoken.message.ts)}
    assert len({request.payload["event_id"] for request in bot.seen}) == 2


def test_a_repeat_has_an_id_of_its_own(slack: SlackServer) -> None:
    with connected(slack) as bot:
        slack.say(f"{slack.mention} 예산은?", n_repeats=9).wait()
    assert len({request.payload["event_id"] for request in bot.seen}) == 11
    assert {request.retry_attempt for request in bot.seen} == {0}


def test_what_is_not_acknowledged_comes_again(slack: SlackServer) -> None:
    slack._sockets._ack_within_s = 0.2
    with connected(slack) as bot:
        bot.n_to_ignore = 1
        (delivery,) = slack.say("안녕", channel="D1DIRECT01").deliveries
        delivery.wait()
    first, second = bot.seen
    assert (first.retry_attempt, second.retry_attempt) == (0, 1)
    assert second.retry_reason == "timeout"
    assert first.payload["event_id"] == second.payload["event_id"]
    assert first.envelope_id != second.envelope_id


def test_a_command_is_answered_in_its_acknowledgement(slack: SlackServer) -> None:
    with connected(slack) as bot:
        bot.reply = {"text": "찾는 중"}
        slack.command("예산은?").wait()
        (message,) = slack.wait_for(slack.messages)
    assert (message.text, message.ephemeral_to) == ("찾는 중", "U1ANNA0001")
    assert bot.seen[0].type == "slash_commands"
    assert bot.seen[0].payload["command"] == "/inyong"


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_client_connects_anew_when_it_is_told_to(slack: SlackServer, reason: str) -> None:
    with connected(slack):
        slack.refresh_connections(reason)
        slack.wait_for(lambda: slack.n_connections == 1 and slack.n_connected == 2)
        assert slack.say("안녕").wait().is_acknowledged


def test_a_connection_opens_once_for_each_ticket(slack: SlackServer) -> None:
    address = slack._sockets.new_address()

    async def connect() -> int:
        import aiohttp

        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(address) as socket:
                assert (await socket.receive_json())["type"] == "hello"
            try:
                async with session.ws_connect(address):
                    return 101
            except aiohttp.WSServerHandshakeError as error:
                return error.status

    assert asyncio.run(connect()) == 408


class Receiver:
    """An address that takes events over HTTP and answers as it is told."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.seen: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.url = ""

    async def run(self, ready: threading.Event, stop: asyncio.Event) -> None:
        app = web.Application()
        app.router.add_post("/slack/events", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        ready.set()
        await stop.wait()
        await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        self.bodies.append(await request.read())
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200, headers=self.headers)


@pytest.fixture
def receiver(slack: SlackServer) -> Iterator[Receiver]:
    receiver, ready, stop, loop = Receiver(), threading.Event(), asyncio.Event(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(receiver.run(ready, stop),))
    thread.start()
    assert ready.wait(10)
    slack.send_to(receiver.url)
    yield receiver
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


def test_slacks_own_verifier_accepts_the_signatures(slack: SlackServer, receiver: Receiver) -> None:
    slack.say("안녕").wait()
    slack.command("예산은?").wait()
    verifier = SignatureVerifier(slack.state.signing_secret)
    for body, request in zip(receiver.bodies, receiver.seen, strict=True):
        assert verifier.is_valid_request(body, dict(request.headers))
        assert not verifier.is_valid_request(body + b" ", dict(request.headers))
    assert receiver.seen[0].content_type == "application/json"
    assert receiver.seen[1].content_type == "application/x-www-form-urlencoded"


def test_an_error_is_followed_by_a_retry_that_says_so(slack: SlackServer, receiver: Receiver) -> None:
    receiver.statuses = [500]
    slack.say("안녕").wait()
    assert [request.headers.get("X-Slack-Retry-Num") for request in receiver.seen] == [None, "1"]
    assert receiver.seen[1].headers["X-Slack-Retry-Reason"] == "http_error"
    assert receiver.bodies[0] == receiver.bodies[1]


def test_no_retry_follows_when_the_answer_forbids_it(slack: SlackServer, receiver: Receiver) -> None:
    receiver.statuses, receiver.headers = [500], {"X-Slack-No-Retry": "1"}
    (delivery,) = slack.say("안녕").wait().deliveries
    assert not delivery.is_acknowledged
    assert len(receiver.seen) == 1


def test_a_request_can_be_sent_again_as_it_is(slack: SlackServer, receiver: Receiver) -> None:
    request = signed_request("events_api", {"type": "x"}, slack.state.signing_secret, 1_700_000_000)
    assert slack.post(request).status == 200
    assert slack.post(request).status == 200
    assert receiver.seen[0].headers["X-Slack-Signature"] == receiver.seen[1].headers["X-Slack-Signature"]


def test_an_unreachable_bot_is_given_up(slack: SlackServer) -> None:
    with SlackServer(retry_pauses_s=(0.01,)) as alone:
        began = monotonic()
        (delivery,) = alone.say("안녕").wait().deliveries
    assert [attempt.reply.why for attempt in delivery.attempts] == ["connection_failed"] * 2
    assert monotonic() - began < 5
