"""The same app behind `inyong serve`: signatures, repeats, and what else comes to an open address."""

import json

import pytest

from tests.service.conftest import World
from tests.service.slack.app.conftest import QUESTION, answers, is_answer, settle
from tests.slack_server import SlackServer
from tests.slack_server.delivery import Kind
from tests.slack_server.http_events import SignedRequest, signed_request
from tests.slack_server.payloads import event_callback, mention_event, slash_command
from tests.slack_server.signing import signed_headers


def a_question(slack: SlackServer, secret: str | None = None, age_s: int = 0) -> tuple[SignedRequest, str]:
    """The request that tells of a mention, and the thread of its answer."""
    workspace = slack.workspace
    channel = next(iter(workspace.channels.values()))
    message = workspace.add_message(channel, "U1ANNA0001", f"{slack.mention} {QUESTION}", [])
    body = event_callback(workspace, mention_event(workspace, channel, message))
    signed = signed_request(
        "events_api", body, secret or slack.state.signing_secret, int(slack.state.now()) - age_s
    )
    return signed, message.ts


def test_a_signed_question_is_answered(http_bot: None, slack: SlackServer) -> None:
    spoken = settle(slack, slack.say(f"{slack.mention} {QUESTION}").wait())
    assert {delivery.status for delivery in spoken.deliveries} == {200}
    assert len(answers(slack, spoken)) == 1


@pytest.mark.parametrize("change", ["wrong", "missing", "old", "early", "body", "time", "garbage"])
def test_what_slack_has_not_just_signed_is_refused(
    http_bot: None, slack: SlackServer, world: World, change: str
) -> None:
    ages = {"old": 400, "early": -400}
    request, thread = a_question(slack, "another" if change == "wrong" else None, ages.get(change, 0))
    headers, body = dict(request.headers), request.body
    if change == "missing":
        del headers["X-Slack-Signature"]
    elif change == "body":
        body = body.replace(b"U1ANNA0001", b"U1BORA0001")
    elif change == "time":
        headers["X-Slack-Request-Timestamp"] = str(int(headers["X-Slack-Request-Timestamp"]) + 1)
    elif change == "garbage":
        headers["X-Slack-Request-Timestamp"] = "yesterday"
    assert slack.post(SignedRequest(body, headers)).status in (400, 401, 403)
    settle(slack, slack.say(f"{slack.mention} {QUESTION}").wait())
    assert slack.messages(thread=thread) == []
    assert len(world.generator.prompts) == 1


def test_a_replayed_question_is_answered_once(http_bot: None, slack: SlackServer, world: World) -> None:
    request, thread = a_question(slack)
    assert slack.post(request).status == 200
    assert slack.post(request).status != 200
    slack.wait_for(lambda: slack.messages(thread=thread) and is_answer(slack.messages(thread=thread)[-1]))
    assert len(world.generator.prompts) == 1


def test_a_replayed_command_is_answered_once(http_bot: None, slack: SlackServer, world: World) -> None:
    workspace = slack.workspace
    channel = next(iter(workspace.channels.values()))
    url = slack.state.new_response_url(workspace, channel.id, "U1ANNA0001", "commands")
    trigger = slack.state.new_trigger(workspace, "U1ANNA0001")
    payload = slash_command(workspace, channel, "U1ANNA0001", "/inyong", QUESTION, url, trigger)
    kind: Kind = "slash_commands"
    request = signed_request(kind, payload, slack.state.signing_secret, int(slack.state.now()))
    assert slack.post(request).status == 200
    assert slack.post(request).status != 200
    slack.wait_for(lambda: [m for m in slack.messages() if is_answer(m)])
    assert len(world.generator.prompts) == 1


def test_a_retry_of_slacks_own_is_taken_and_answered_once(
    http_bot: None, slack: SlackServer, world: World
) -> None:
    request, thread = a_question(slack)
    assert slack.post(request).status == 200
    body = json.loads(request.body)
    later = signed_request("events_api", body, slack.state.signing_secret, int(slack.state.now()) + 1)
    later.headers.update({"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    assert slack.post(later).status == 200
    slack.wait_for(lambda: slack.messages(thread=thread) and is_answer(slack.messages(thread=thread)[-1]))
    assert len(world.generator.prompts) == 1


def test_a_retry_of_what_never_came_is_answered(http_bot: None, slack: SlackServer) -> None:
    request, thread = a_question(slack)
    request.headers.update({"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_error"})
    assert slack.post(request).status == 200
    slack.wait_for(lambda: slack.messages(thread=thread) and is_answer(slack.messages(thread=thread)[-1]))


def test_the_address_is_verified(http_bot: None, slack: SlackServer) -> None:
    body = {"type": "url_verification", "token": "t", "challenge": "3eZbrw1aB"}
    request = signed_request("events_api", body, slack.state.signing_secret, int(slack.state.now()))
    reply = slack.post(request)
    assert reply.status == 200
    assert "3eZbrw1aB" in str(reply.body)


def test_an_unsigned_body_is_not_even_read(http_bot: None, slack: SlackServer) -> None:
    headers = {"Content-Type": "application/json"}
    headers |= signed_headers(b"{}", "another-secret", int(slack.state.now()))
    for body in (b"{", b"null", b'{"authorizations": 5}', b'{"enterprise": 5}'):
        assert slack.post(SignedRequest(body, headers)).status == 401


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"type": 3}', b"payload=%7B"]
)
def test_a_signed_body_that_makes_no_sense_breaks_nothing(
    http_bot: None, slack: SlackServer, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"} | signed_headers(
        body, slack.state.signing_secret, int(slack.state.now())
    )
    assert slack.post(SignedRequest(body, headers)).status < 500
    settle(slack, slack.say(f"{slack.mention} {QUESTION}").wait())


def test_a_burst_is_acknowledged_at_the_first_try(http_bot: None, slack: SlackServer, world: World) -> None:
    said = [slack.say(f"{slack.mention} {QUESTION}", twin=False) for _ in range(60)]
    deliveries = [delivery.wait() for spoken in said for delivery in spoken.deliveries]
    assert [len(delivery.attempts) for delivery in deliveries] == [1] * 60
    assert all(delivery.is_acknowledged for delivery in deliveries)
    slack.wait_for(lambda: sum(map(is_answer, slack.messages())) == 60, 60, "every answer")
