"""The methods of Slack's Web API that a bot calls to learn something, and the table of all methods."""

from collections.abc import Mapping
from typing import Any

from tests.slack_server import methods
from tests.slack_server.methods import (
    Answer,
    Arguments,
    Method,
    direct_channel,
    find_channel,
    message_object,
)
from tests.slack_server.state import APP_ID, Refused, State
from tests.slack_server.workspace import Channel, Message, Workspace


def test_auth(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """auth.test."""
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.domain,
        "user": "inyong",
        "team_id": workspace.team,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def channel_info(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """conversations.info."""
    channel = find_channel(workspace, arguments)
    told: dict[str, Any] = {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": channel.kind == "im",
        "is_mpim": False,
        "is_private": channel.kind != "channel",
        "is_archived": channel.is_archived,
        "is_member": channel.has_bot,
        "is_ext_shared": channel.is_external,
        "is_shared": channel.is_external,
        "context_team_id": workspace.team,
    }
    if channel.user:
        told |= {"user": channel.user}
    return {"channel": told}


def replies(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """conversations.replies: the thread, its root first."""
    channel = _readable(workspace, arguments)
    ts = str(arguments.get("ts"))
    found = [m for m in _seen_by_all(channel) if ts in (m.ts, m.thread_ts)]
    if not found:
        raise Refused("thread_not_found")
    return _page(found, arguments)


def history(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """conversations.history: what stands outside threads, the latest first."""
    channel = _readable(workspace, arguments)
    found = [m for m in _seen_by_all(channel) if m.thread_ts in (None, m.ts)]
    return _page(found[::-1], arguments)


def members(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """conversations.members."""
    channel = find_channel(workspace, arguments)
    return {"members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}


def open_conversation(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """conversations.open: the direct message with somebody."""
    user = str(arguments.get("users", ""))
    if user not in workspace.users:
        raise Refused("user_not_found")
    return {"channel": {"id": direct_channel(workspace, user).id}}


def user_info(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """users.info."""
    user = str(arguments.get("user", ""))
    if user not in workspace.users and user != workspace.bot_user:
        raise Refused("user_not_found")
    name = workspace.users.get(user, "inyong")
    told = {
        "id": user,
        "team_id": workspace.team,
        "name": name,
        "real_name": name,
        "deleted": False,
        "is_bot": user == workspace.bot_user,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "locale": workspace.languages.get(user, "en-US"),
        "tz": "Asia/Seoul",
    }
    return {"user": told}


def bot_info(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """bots.info."""
    return {
        "bot": {"id": workspace.bot_id, "app_id": APP_ID, "user_id": workspace.bot_user, "name": "inyong"}
    }


def team_info(state: State, workspace: Workspace, arguments: Arguments) -> Answer:
    """team.info."""
    return {"team": {"id": workspace.team, "name": workspace.domain, "domain": workspace.domain}}


def _readable(workspace: Workspace, arguments: Arguments) -> Channel:
    channel = find_channel(workspace, arguments)
    if not channel.has_bot:
        raise Refused("not_in_channel")
    return channel


def _seen_by_all(channel: Channel) -> list[Message]:
    return [m for m in channel.messages.values() if not m.is_deleted and m.ephemeral_to is None]


def _page(found: list[Message], arguments: Arguments) -> Answer:
    """At most `limit` messages from the cursor on; with their metadata only when that is asked for."""
    first, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 1000)
    told = [message_object(message) for message in found[first : first + limit]]
    if str(arguments.get("include_all_metadata", "0")).lower() not in ("1", "true"):
        for message in told:
            message.pop("metadata", None)
    has_more = len(found) > first + limit
    cursor = str(first + limit) if has_more else ""
    return {"messages": told, "has_more": has_more, "response_metadata": {"next_cursor": cursor}}


_HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}
_READ = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}

METHODS: Mapping[str, Method] = {
    "auth.test": test_auth,
    "bots.info": bot_info,
    "team.info": team_info,
    "chat.postMessage": methods.post_message,
    "chat.update": methods.update,
    "chat.delete": methods.delete,
    "chat.postEphemeral": methods.post_ephemeral,
    "chat.getPermalink": methods.get_permalink,
    "reactions.add": methods.add_reaction,
    "reactions.remove": methods.remove_reaction,
    "views.open": methods.open_view,
    "views.update": methods.update_view,
    "conversations.info": channel_info,
    "conversations.replies": replies,
    "conversations.history": history,
    "conversations.members": members,
    "conversations.open": open_conversation,
    "users.info": user_info,
}

_SCOPES: Mapping[str, str | Mapping[str, str]] = {
    "team.info": "team:read",
    "bots.info": "users:read",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "reactions.add": "reactions:write",
    "reactions.remove": "reactions:write",
    "conversations.info": _READ,
    "conversations.members": _READ,
    "conversations.replies": _HISTORY,
    "conversations.history": _HISTORY,
    "conversations.open": "im:write",
    "users.info": "users:read",
}


def call_method(state: State, token: str | None, method: str, arguments: Arguments) -> tuple[str, Answer]:
    """The team that a token belongs to, and what the method answers. Raises Refused."""
    if not token:
        raise Refused("not_authed")
    workspace = next((w for w in state.workspaces if w.bot_token == token), None)
    if workspace is None:
        raise Refused("not_allowed_token_type" if token == state.app_token else "invalid_auth")
    if workspace.is_revoked:
        raise Refused("token_revoked")
    if method not in METHODS:
        raise Refused("unknown_method", req_method=method)
    needed = _needed_scope(workspace, method, arguments)
    if needed and needed not in workspace.scopes:
        raise Refused("missing_scope", needed=needed, provided=",".join(sorted(workspace.scopes)))
    return workspace.team, METHODS[method](state, workspace, arguments)


def _needed_scope(workspace: Workspace, method: str, arguments: Arguments) -> str | None:
    scope = _SCOPES.get(method)
    if scope is None or isinstance(scope, str):
        return scope
    channel = workspace.channels.get(str(arguments.get("channel")))
    return scope[channel.kind if channel else "channel"]
