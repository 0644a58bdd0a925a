"""The server answers Slack's own client as Slack does."""

import time
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from tests.slack_server import SlackServer

PUBLIC, CLOSED, PRIVATE, DIRECT = "C1GENERAL1", "C1CLOSED01", "G1PRIVATE1", "D1DIRECT01"


def error_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def test_a_message_is_posted_changed_and_deleted(slack: SlackServer, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=PUBLIC, text="하나", thread_ts=None)["ts"]
    client.chat_update(channel=PUBLIC, ts=ts, text="둘")
    (message,) = slack.messages()
    assert [version.text for version in message.versions] == ["하나", "둘"]
    client.chat_delete(channel=PUBLIC, ts=ts)
    assert slack.messages() == []


def test_a_message_is_only_sent_where_the_bot_may_write(slack: SlackServer, client: WebClient) -> None:
    post = client.chat_postMessage
    assert error_of(post, channel=CLOSED, text="a") == "not_in_channel"
    assert error_of(post, channel="C0NOSUCH01", text="a") == "channel_not_found"
    slack.workspace.channels[PRIVATE].has_bot = False
    assert error_of(post, channel=PRIVATE, text="a") == "channel_not_found"
    slack.workspace.channels[PUBLIC].is_archived = True
    assert error_of(post, channel=PUBLIC, text="a") == "is_archived"


def test_a_person_stands_for_the_direct_message_with_them(slack: SlackServer, client: WebClient) -> None:
    channel = client.chat_postMessage(channel="U1BORA0001", text="a")["channel"]
    assert client.conversations_info(channel=channel)["channel"]["user"] == "U1BORA0001"
    assert client.conversations_open(users="U1BORA0001")["channel"]["id"] == channel


def test_what_cannot_be_shown_is_refused(slack: SlackServer, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=PUBLIC, text="a" * 5000)["ts"]
    assert error_of(client.chat_update, channel=PUBLIC, ts=ts, text="a" * 4001) == "msg_too_long"
    assert error_of(client.chat_update, channel=PUBLIC, ts="1.1", text="a") == "message_not_found"
    assert error_of(client.api_call, api_method="chat.postMessage", json={"channel": PUBLIC}) == "no_text"
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "a" * 3001}}]
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=PUBLIC, text="a", blocks=blocks)
    assert refused.value.response["error"] == "invalid_blocks"
    assert "/blocks/0/text/text" in refused.value.response["response_metadata"]["messages"][0]
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "a" * 2900}}] * 5
    assert error_of(client.chat_postMessage, channel=PUBLIC, text="a", blocks=long) == "msg_blocks_too_long"


def test_nobody_elses_message_is_changed(slack: SlackServer, client: WebClient) -> None:
    said = slack.say("안녕하세요")
    assert error_of(client.chat_update, channel=PUBLIC, ts=said.message.ts, text="a") == "cant_update_message"


def test_an_ephemeral_message_reaches_members_and_is_never_found_again(
    slack: SlackServer, client: WebClient
) -> None:
    ts = client.chat_postEphemeral(channel=PUBLIC, user="U1ANNA0001", text="a")["message_ts"]
    assert slack.messages()[0].ephemeral_to == "U1ANNA0001"
    assert error_of(client.chat_update, channel=PUBLIC, ts=ts, text="b") == "message_not_found"
    post = client.chat_postEphemeral
    assert error_of(post, channel=PUBLIC, user="U0STRANGER", text="a") == "user_not_in_channel"


def test_a_reaction_is_there_once_and_goes_once(slack: SlackServer, client: WebClient) -> None:
    ts = slack.say("안녕").message.ts
    client.reactions_add(channel=PUBLIC, timestamp=ts, name="eyes")
    assert error_of(client.reactions_add, channel=PUBLIC, timestamp=ts, name="eyes") == "already_reacted"
    client.reactions_remove(channel=PUBLIC, timestamp=ts, name="eyes")
    assert error_of(client.reactions_remove, channel=PUBLIC, timestamp=ts, name="eyes") == "no_reaction"


def test_a_token_is_known_has_scopes_and_can_be_revoked(slack: SlackServer, client: WebClient) -> None:
    assert client.auth_test()["user_id"] == slack.workspace.bot_user
    assert "chat:write" in client.auth_test().headers["x-oauth-scopes"]
    assert error_of(client.auth_test, token="xoxb-none") == "invalid_auth"  # noqa: S106
    assert error_of(WebClient(base_url=slack.api_url).auth_test) == "not_authed"
    slack.workspace.scopes.discard("chat:write")
    assert error_of(client.chat_postMessage, channel=PUBLIC, text="a") == "missing_scope"
    slack.workspace.is_revoked = True
    assert error_of(client.auth_test) == "token_revoked"


def test_a_view_opens_once_and_within_three_seconds(slack: SlackServer, client: WebClient) -> None:
    title = {"type": "plain_text", "text": "a"}
    view = {"type": "modal", "title": title, "blocks": []}
    user = next(iter(slack.workspace.users))
    trigger = slack.state.new_trigger(slack.workspace, user)
    client.views_open(trigger_id=trigger, view=view)
    assert slack.views()[0].user == user
    assert error_of(client.views_open, trigger_id=trigger, view=view) == "exchanged_trigger_id"
    late = slack.state.new_trigger(slack.workspace, user)
    slack.pass_time(3.1)
    assert error_of(client.views_open, trigger_id=late, view=view) == "expired_trigger_id"
    assert error_of(client.views_open, trigger_id="1.2.3", view=view) == "invalid_trigger_id"


def test_a_thread_is_read_with_metadata_only_when_asked(slack: SlackServer, client: WebClient) -> None:
    root = slack.say("질문").message.ts
    about = {"event_type": "t", "event_payload": {"n": 1}}
    client.chat_postMessage(channel=PUBLIC, text="답", thread_ts=root, metadata=about)
    bare = client.conversations_replies(channel=PUBLIC, ts=root)["messages"]
    assert [message["text"] for message in bare] == ["질문", "답"]
    assert "metadata" not in bare[1]
    told = client.conversations_replies(channel=PUBLIC, ts=root, include_all_metadata=True)["messages"]
    assert told[1]["metadata"] == about
    assert error_of(client.conversations_replies, channel=PUBLIC, ts="1.1") == "thread_not_found"
    first = client.conversations_replies(channel=PUBLIC, ts=root, limit=1)
    cursor = first["response_metadata"]["next_cursor"]
    rest = client.conversations_replies(channel=PUBLIC, ts=root, cursor=cursor)
    assert [message["text"] for message in [*first["messages"], *rest["messages"]]] == ["질문", "답"]


def test_a_fault_happens_as_often_as_it_should(slack: SlackServer, client: WebClient) -> None:
    slack.fail("chat.*", "ratelimited", seconds=7)
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=PUBLIC, text="a")
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"
    slack.fail("chat.postMessage", "server_error", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel=PUBLIC, text="a")
    client.chat_postMessage(channel=PUBLIC, text="b")
    assert [message.text for message in slack.messages()] == ["b"]


def test_a_lost_answer_leaves_the_message(slack: SlackServer) -> None:
    client = WebClient(token=slack.workspace.bot_token, base_url=slack.api_url, retry_handlers=[])
    slack.fail("chat.postMessage", "lost_answer")
    with pytest.raises(OSError):  # noqa: PT011 - the connection ends without an answer, one way or the other
        client.chat_postMessage(channel=PUBLIC, text="a")
    assert len(slack.messages()) == 1
    slack.fail("chat.postMessage", "lost_request")
    with pytest.raises(OSError):  # noqa: PT011
        client.chat_postMessage(channel=PUBLIC, text="a")
    assert len(slack.messages()) == 1


def test_slacks_own_rates_are_kept_when_asked(slack: SlackServer, client: WebClient) -> None:
    slack.faults.enforce({"chat.postMessage": (2, 2.0)})
    for _ in range(2):
        client.chat_postMessage(channel=PUBLIC, text="a")
    assert error_of(client.chat_postMessage, channel=PUBLIC, text="a") == "ratelimited"
    client.chat_postMessage(channel=PRIVATE, text="a")
    time.sleep(0.6)
    client.chat_postMessage(channel=PUBLIC, text="a")


def test_a_response_url_works_five_times_for_half_an_hour(slack: SlackServer) -> None:
    user = next(iter(slack.workspace.users))
    url = slack.state.new_response_url(slack.workspace, PUBLIC, user, "commands")
    hook = WebhookClient(url)
    for number in range(5):
        assert hook.send(text=str(number)).status_code == 200
    assert "used_url" in hook.send(text="6").body
    old = WebhookClient(slack.state.new_response_url(slack.workspace, PUBLIC, user, "commands"))
    slack.pass_time(30 * 60 + 1)
    assert "expired_url" in old.send(text="late").body
    assert {message.ephemeral_to for message in slack.messages()} == {user}


def test_only_an_interaction_with_a_message_replaces_it(slack: SlackServer, client: WebClient) -> None:
    user = next(iter(slack.workspace.users))
    command = WebhookClient(slack.state.new_response_url(slack.workspace, PUBLIC, user, "commands"))
    command.send(text="찾는 중")
    command.send(text="답", replace_original=True)
    first, second = slack.messages()
    assert [first.text, second.text] == ["찾는 중", "답"]
    url = slack.state.new_response_url(slack.workspace, PUBLIC, user, "actions", first)
    WebhookClient(url).send(text="바뀐 답", replace_original=True)
    assert [message.text for message in slack.messages()] == ["바뀐 답", "답"]
