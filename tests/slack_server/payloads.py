"""What Slack sends to an app, field by field as its reference describes it. Pure."""

import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

from tests.slack_server.state import APP_ID
from tests.slack_server.workspace import Channel, Message, Workspace

Payload = dict[str, Any]
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)>")


def event_callback(workspace: Workspace, event: Mapping[str, Any], user: str | None = None) -> Payload:
    """An event with what stands around it, under an event_id of its own. user: the authorised one."""
    return {
        "token": "verification-token",
        "team_id": workspace.team,
        "context_team_id": workspace.team,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": dict(event),
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team,
                "user_id": user or workspace.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{secrets.token_hex(20)}",
    }


def message_event(workspace: Workspace, channel: Channel, message: Message) -> Payload:
    """The `message` event of a message that somebody, or the bot itself, has posted."""
    event: Payload = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": workspace.team,
        "text": message.text,
        "blocks": message.blocks or rich_text(message.text),
        "channel": channel.id,
        "event_ts": message.ts,
        "channel_type": channel.kind,
    }
    if message.bot_id:
        event |= {
            "bot_id": message.bot_id,
            "app_id": APP_ID,
            "bot_profile": {
                "id": message.bot_id,
                "app_id": APP_ID,
                "team_id": workspace.team,
                "deleted": False,
            },
        }
    else:
        event["client_msg_id"] = secrets.token_hex(16)
    if message.thread_ts:
        root = channel.messages.get(message.thread_ts)
        event |= {"thread_ts": message.thread_ts, "parent_user_id": root.user if root else message.user}
    return event


def mention_event(workspace: Workspace, channel: Channel, message: Message) -> Payload:
    """The `app_mention` event of a message; unlike its twin it does not tell the kind of channel."""
    event = message_event(workspace, channel, message)
    del event["channel_type"]
    return event | {"type": "app_mention"}


def changed_event(workspace: Workspace, channel: Channel, message: Message) -> Payload:
    """The `message_changed` event of a message that was edited or updated."""

    def at(number: int) -> Payload:
        version = message.versions[number]
        inner = message_event(workspace, channel, message) | {"text": version.text, "blocks": version.blocks}
        return {name: value for name, value in inner.items() if name not in ("channel", "channel_type")}

    return {
        "type": "message",
        "subtype": "message_changed",
        "message": at(-1) | {"edited": {"user": message.user, "ts": workspace.new_ts()}},
        "previous_message": at(-2),
        "channel": channel.id,
        "hidden": True,
        "ts": workspace.new_ts(),
        "event_ts": workspace.new_ts(),
        "channel_type": channel.kind,
    }


def joined_event(workspace: Workspace, channel: Channel, user: str) -> Payload:
    """The `channel_join` message of somebody who came into a channel."""
    ts = workspace.new_ts()
    return {
        "type": "message",
        "subtype": "channel_join",
        "user": user,
        "text": f"<@{user}> has joined the channel",
        "inviter": user,
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": ts,
        "event_ts": ts,
    }


def slash_command(
    workspace: Workspace,
    channel: Channel,
    user: str,
    command: str,
    text: str,
    response_url: str,
    trigger: str,
) -> dict[str, str]:
    """A slash command; over HTTP its fields are those of a form."""
    return {
        "token": "verification-token",
        "team_id": workspace.team,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.kind == "im" else channel.name,
        "user_id": user,
        "user_name": workspace.users[user],
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger,
    }


def message_shortcut(
    workspace: Workspace,
    channel: Channel,
    user: str,
    message: Message,
    callback_id: str,
    response_url: str,
    trigger: str,
) -> Payload:
    """A shortcut in the menu of a message."""
    return {
        "type": "message_action",
        "token": "verification-token",
        "action_ts": workspace.new_ts(),
        "team": {"id": workspace.team, "domain": workspace.domain},
        "user": {"id": user, "username": workspace.users[user], "team_id": workspace.team},
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger,
        "response_url": response_url,
        "message_ts": message.ts,
        "message": _message_object(workspace, message),
    }


def block_actions(
    workspace: Workspace,
    channel: Channel,
    user: str,
    message: Message,
    element: Mapping[str, Any],
    value: str | None,
    response_url: str,
    trigger: str,
) -> Payload:
    """An element of a message, pressed. What an ephemeral message said is not told, only where it was."""
    action = {
        key: element[key] for key in ("type", "action_id", "block_id", "text", "style") if key in element
    }
    container: Payload = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload: Payload = {
        "type": "block_actions",
        "user": {
            "id": user,
            "username": workspace.users[user],
            "name": workspace.users[user],
            "team_id": workspace.team,
        },
        "api_app_id": APP_ID,
        "token": "verification-token",
        "container": container,
        "trigger_id": trigger,
        "team": {"id": workspace.team, "domain": workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [
            {
                **action,
                "value": value if value is not None else element.get("value"),
                "action_ts": workspace.new_ts(),
            }
        ],
    }
    if message.ephemeral_to is None:
        payload["message"] = _message_object(workspace, message)
    return payload


def rich_text(text: str) -> list[dict[str, Any]]:
    """The blocks that Slack's own client makes of a typed text."""
    pieces: list[dict[str, Any]] = []
    for number, part in enumerate(_MENTION.split(text)):
        if number % 2:
            pieces.append({"type": "user", "user_id": part})
        elif part:
            pieces.append({"type": "text", "text": part})
    section = {"type": "rich_text_section", "elements": pieces}
    return [{"type": "rich_text", "block_id": secrets.token_hex(3), "elements": [section]}]


def _message_object(workspace: Workspace, message: Message) -> Payload:
    found: Payload = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.team,
        "blocks": message.blocks or rich_text(message.text),
    }
    if message.bot_id:
        found |= {"bot_id": message.bot_id, "app_id": APP_ID}
    if message.thread_ts:
        found["thread_ts"] = message.thread_ts
    return found
