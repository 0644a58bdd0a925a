"""The methods of Slack's Web API that a bot calls to write: messages, reactions, views.

Each takes the state, the workspace that the token belongs to, and the arguments, and returns what Slack
returns beside `ok`. Errors and their codes are those of https://docs.slack.dev/reference/methods.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from tests.slack_server.limits import (
    MOST_POSTED_CHARS,
    MOST_UPDATED_CHARS,
    are_too_long,
    block_problems,
    view_problems,
)
from tests.slack_server.state import APP_ID, OpenedView, Refused, State
from tests.slack_server.workspace import Blocks, Channel, Message, Version, Workspace

Arguments = Mapping[str, Any]
Answer = dict[str, Any]
Method = Callable[[State, Workspace, Arguments], Answer]

_TRIGGER_S = 3.0
_TS = re.compile(r"^\d{10}\.\d{6}$")
_EMOJI = re.compile(r"^[a-z0-9_+'-]+$")


def find_channel(workspace: Workspace, arguments: Arguments, *, to_write: bool = False) -> Channel:
    """The channel in the arguments, if the bot may know of it, and write there."""
    name = str(arguments.get("channel", ""))
    if to_write and name in workspace.users:  # a person stands for the direct message with them
        name = direct_channel(workspace, name).id
    channel = workspace.channels.get(name)
    if channel is None or (channel.kind != "channel" and not channel.has_bot):
        raise Refused("channel_not_found")
    if to_write and channel.is_archived:
        raise Refused("is_archived")
    if to_write and not channel.has_bot:
        raise Refused("not_in_channel")
    return channel


def direct_channel(workspace: Workspace, user: str) -> Channel:
    """The direct message of the bot and somebody, opened when there is none."""
    found = next((c for c in workspace.channels.values() if c.user == user), None)
    return found or workspace.add_channel(Channel(f"D{user[1:]}", "", "im", user=user))


def find_message(channel: Channel, ts: object) -> Message:
    """The message with this ts, unless only one person sees it."""
    message = channel.messages.get(str(ts))
    if message is None or message.is_deleted or message.ephemeral_to:
        raise Refused("message_not_found")
    return message


def checked_content(arguments: Arguments) -> tuple[str, Blocks]:
    """The text and the blocks of a message. Raises Refused for what Slack would not show."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not text and not blocks:
        raise Refused("no_text")
    problems = block_problems(blocks)
    if problems:
        raise Refused("invalid_blocks", errors=problems, response_metadata={"messages": problems})
    if are_too_long(blocks):
        raise Refused("msg_blocks_too_long")
    return str(text)[:MOST_POSTED_CHARS], blocks


def post_message(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """chat.postMessage."""
    channel = find_channel(workspace, arguments, to_write=True)
    text, blocks = checked_content(arguments)
    thread_ts = arguments.get("thread_ts")
    if thread_ts and not _TS.match(str(thread_ts)):
        raise Refused("invalid_thread_ts")
    message = workspace.add_message(
        channel,
        workspace.bot_user,
        text,
        blocks,
        thread_ts=thread_ts,
        bot_id=workspace.bot_id,
        arguments=arguments,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message_object(message)}


def update(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """chat.update: blocks that are left out stay, unless there is a text."""
    channel = find_channel(workspace, arguments, to_write=True)
    message = find_message(channel, arguments.get("ts"))
    if message.bot_id != workspace.bot_id:
        raise Refused("cant_update_message")
    if len(arguments.get("text") or "") > MOST_UPDATED_CHARS:
        raise Refused("msg_too_long")
    text, blocks = checked_content(arguments)
    message.versions.append(Version(monotonic(), text, blocks))
    message.metadata = arguments.get("metadata", message.metadata)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": message_object(message)}


def delete(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """chat.delete."""
    channel = find_channel(workspace, arguments, to_write=True)
    message = find_message(channel, arguments.get("ts"))
    if message.bot_id != workspace.bot_id:
        raise Refused("cant_delete_message")
    message.is_deleted = True
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """chat.postEphemeral."""
    channel = find_channel(workspace, arguments, to_write=True)
    user = str(arguments.get("user", ""))
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = checked_content(arguments)
    message = workspace.add_message(
        channel,
        workspace.bot_user,
        text,
        blocks,
        thread_ts=arguments.get("thread_ts"),
        bot_id=workspace.bot_id,
        ephemeral_to=user,
        arguments=arguments,
    )
    return {"message_ts": message.ts}


def get_permalink(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """chat.getPermalink."""
    channel = find_channel(workspace, arguments)
    message = find_message(channel, arguments.get("message_ts"))
    path = f"archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": f"https://{workspace.domain}.slack.com/{path}"}


def add_reaction(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """reactions.add."""
    message = find_message(find_channel(workspace, arguments), arguments.get("timestamp"))
    reaction = (workspace.bot_user, _emoji(arguments))
    if reaction in message.reactions:
        raise Refused("already_reacted")
    message.reactions.append(reaction)
    message.reacted.append((monotonic(), reaction[1]))
    return {}


def remove_reaction(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """reactions.remove."""
    message = find_message(find_channel(workspace, arguments), arguments.get("timestamp"))
    reaction = (workspace.bot_user, _emoji(arguments))
    if reaction not in message.reactions:
        raise Refused("no_reaction")
    message.reactions.remove(reaction)
    return {}


def open_view(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """views.open: once for each trigger, within three seconds."""
    trigger = state.triggers.get(str(arguments.get("trigger_id")))
    if trigger is None or trigger.workspace is not workspace:
        raise Refused("invalid_trigger_id")
    if trigger.is_used:
        raise Refused("exchanged_trigger_id")
    if state.now() - trigger.made_at > _TRIGGER_S:
        raise Refused("expired_trigger_id")
    view = _checked_view(arguments)
    trigger.is_used = True
    opened = OpenedView(f"V{secrets.token_hex(5).upper()}", workspace, trigger.user, view)
    state.views.append(opened)
    return {"view": _view_object(opened)}


def update_view(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """views.update."""
    view_id = arguments.get("view_id")
    before = next((v for v in state.views if v.id == view_id and v.workspace is workspace), None)
    if before is None:
        raise Refused("not_found")
    opened = OpenedView(before.id, workspace, before.user, _checked_view(arguments))
    state.views.append(opened)
    return {"view": _view_object(opened)}


def message_object(message: Message) -> dict[str, Any]:
    """A message as methods tell it."""
    told: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
        "reactions": [{"name": name, "users": [user], "count": 1} for user, name in message.reactions],
    }
    if message.bot_id:
        told |= {"bot_id": message.bot_id, "app_id": APP_ID}
    if message.thread_ts:
        told["thread_ts"] = message.thread_ts
    if message.metadata:
        told["metadata"] = message.metadata
    return told


def _emoji(arguments: Arguments) -> str:
    name = str(arguments.get("name", ""))
    if not _EMOJI.match(name):
        raise Refused("invalid_name")
    return name


def _checked_view(arguments: Arguments) -> Mapping[str, Any]:
    problems = view_problems(arguments.get("view"))
    if problems:
        raise Refused("invalid_arguments", response_metadata={"messages": problems})
    view: Mapping[str, Any] = arguments["view"]
    return view


def _view_object(opened: OpenedView) -> dict[str, Any]:
    return {**opened.view, "id": opened.id, "team_id": opened.workspace.team, "app_id": APP_ID, "hash": "1.a"}
