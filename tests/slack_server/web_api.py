"""The HTTP side of the server: calls of the Web API, posts to response URLs, connections of Socket Mode."""

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from aiohttp import web

from tests.slack_server.faults import Fault
from tests.slack_server.limits import block_problems
from tests.slack_server.lookups import call_method
from tests.slack_server.payloads import changed_event, message_event
from tests.slack_server.socket_mode import Sockets
from tests.slack_server.state import Call, Refused, ResponseUrl, State
from tests.slack_server.workspace import Version, Workspace

_MOST_USES = 5
_RESPONSE_URL_S = 30 * 60.0
_MOST_BYTES = 4_000_000

Echo = Callable[[Workspace, dict[str, Any]], None]


class WebApi:
    """Answers what bots ask. echo: told of every event that a change by the bot itself makes."""

    def __init__(self, state: State, sockets: Sockets, echo: Echo) -> None:
        self._state = state
        self._sockets = sockets
        self._echo = echo

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=_MOST_BYTES)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/link/", self._sockets.handle)
        app.router.add_post("/{kind:commands|actions|app}/{rest:.*}", self._respond)
        return app

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method, arguments = request.match_info["method"], await _arguments(request)
        token = arguments.pop("token", None) or _bearer(request)
        team = next((w.team for w in self._state.workspaces if w.bot_token == token), "")
        fault = self._state.faults.next(method, team, arguments.get("channel"))
        if fault and fault.how != "lost_answer":
            self._note(team, method, arguments, str(fault.how))
            return await _gone_wrong(fault, request)
        headers: dict[str, str] = {}
        try:
            with self._state.changed:
                answer: Mapping[str, Any] = {"ok": True, **self._answer(method, token, arguments)}
            error = ""
        except Refused as refused:
            answer, error = {"ok": False, "error": refused.error, **refused.more}, refused.error
        if team:
            scopes = next(w.scopes for w in self._state.workspaces if w.team == team)
            headers["x-oauth-scopes"] = ",".join(sorted(scopes))
        self._note(team, method, arguments, error)
        if fault:
            return _broken(request)
        return web.json_response(answer, headers=headers)

    def _answer(self, method: str, token: str | None, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if method == "apps.connections.open":
            if token != self._state.app_token:
                raise Refused("not_allowed_token_type" if str(token).startswith("xoxb") else "invalid_auth")
            return {"url": self._sockets.new_address()}
        if method == "api.test":
            return {"args": dict(arguments)}
        team, answer = call_method(self._state, token, method, arguments)
        if method in ("chat.postMessage", "chat.update"):
            workspace = self._state.workspace(team)
            channel = workspace.channels[answer["channel"]]
            message = channel.messages[answer["ts"]]
            event = message_event if method == "chat.postMessage" else changed_event
            self._echo(workspace, event(workspace, channel, message))
        return answer

    def _note(self, team: str, method: str, arguments: Mapping[str, Any], error: str) -> None:
        with self._state.changed:
            self._state.calls.append(Call(monotonic(), team, method, arguments, error))
            self._state.changed.notify_all()

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.text())
        url = self._state.response_urls.get(request.path)
        team, channel = (url.workspace.team, url.channel) if url else ("", None)
        fault = self._state.faults.next("response_url", team, channel)
        if fault and fault.how != "lost_answer":
            self._note(team, "response_url", body, str(fault.how))
            return await _gone_wrong(fault, request)
        with self._state.changed:
            error = self._post_response(url, body)
        self._note(team, "response_url", body, error)
        if fault:
            return _broken(request)
        if error in ("", "invalid_blocks", "no_text"):
            return web.Response(text=error or "ok", status=400 if error else 200)
        return web.json_response({"ok": False, "error": error}, status=404)

    def _post_response(self, url: ResponseUrl | None, body: Mapping[str, Any]) -> str:
        """Why the response is not shown; "" when it is.

        Only an interaction with a message has an original that can be replaced; what came to a slash command
        stays, and `replace_original` adds a message (slackapi/bolt-python#1268, slackapi/bolt-js#2287).
        """
        if url is None:
            return "no_service"
        if self._state.now() - url.made_at > _RESPONSE_URL_S:
            return "expired_url"
        if url.n_used >= _MOST_USES:
            return "used_url"
        text, blocks = str(body.get("text") or ""), body.get("blocks") or []
        if body.get("delete_original"):
            if url.original:
                url.original.is_deleted = True
        elif not text and not blocks:
            return "no_text"
        elif block_problems(blocks):
            return "invalid_blocks"
        elif body.get("replace_original") and url.original:
            url.original.versions.append(Version(monotonic(), text, blocks))
        else:
            workspace = url.workspace
            workspace.add_message(
                workspace.channels[url.channel],
                workspace.bot_user,
                text,
                blocks,
                thread_ts=body.get("thread_ts"),
                bot_id=workspace.bot_id,
                ephemeral_to=None if body.get("response_type") == "in_channel" else url.user,
                arguments=body,
            )
        url.n_used += 1
        return ""


async def _arguments(request: web.Request) -> dict[str, Any]:
    """What was sent, whether in the address, as a form or as JSON."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        found |= json.loads(await request.text() or "{}")
    elif request.method == "POST":
        found |= dict(await request.post())
    for name in ("blocks", "view", "metadata"):
        if isinstance(found.get(name), str):
            found[name] = json.loads(found[name])
    return found


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else None


async def _gone_wrong(fault: Fault, request: web.Request) -> web.StreamResponse:
    if fault.how == "ratelimited":
        headers = {"Retry-After": str(math.ceil(fault.seconds))}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    if fault.how == "server_error":
        return web.Response(status=fault.status, text="<html>upstream</html>", content_type="text/html")
    if fault.how == "lost_request":
        return _broken(request)
    if fault.how == "hang":
        await asyncio.sleep(fault.seconds)
        return web.Response(status=504, text="")
    return web.json_response({"ok": False, "error": fault.how})


def _broken(request: web.Request) -> web.StreamResponse:
    """The connection, cut."""
    if request.transport:
        request.transport.abort()
    return web.Response()
