"""Events, commands and interactions sent over HTTP, signed.

https://docs.slack.dev/apis/events-api/using-http-request-urls
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.slack_server.delivery import Kind, Reply
from tests.slack_server.signing import signed_headers
from tests.slack_server.state import State

_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What is posted to the bot."""

    body: bytes
    headers: dict[str, str]


def signed_request(kind: Kind, payload: dict[str, Any], secret: str, timestamp: int) -> SignedRequest:
    """The request that tells a payload. timestamp: seconds since 1970."""
    if kind == "events_api":
        body, media = json.dumps(payload, ensure_ascii=False).encode(), "application/json"
    else:
        fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload, ensure_ascii=False)}
        body, media = urlencode(fields).encode(), "application/x-www-form-urlencoded"
    headers = {"Content-Type": media, "User-Agent": _AGENT} | signed_headers(body, secret, timestamp)
    return SignedRequest(body, headers)


class HttpEvents:
    """Posts to the address that the bot's app is configured with."""

    def __init__(self, state: State, address: str, ack_within_s: float) -> None:
        self._state = state
        self._address = address
        self._patience = aiohttp.ClientTimeout(total=ack_within_s)

    async def send(self, kind: Kind, payload: dict[str, Any], attempt: int, reason: str) -> Reply:
        """What the bot answers."""
        request = signed_request(kind, payload, self._state.signing_secret, int(self._state.now()))
        if attempt:
            request.headers.update({"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason})
        return await self.post(request)

    async def post(self, request: SignedRequest) -> Reply:
        """What the bot answers to exactly this."""
        try:
            async with (
                aiohttp.ClientSession(timeout=self._patience) as session,
                session.post(self._address, data=request.body, headers=request.headers) as response,
            ):
                text = await response.text()
                return Reply(
                    response.status,
                    "" if response.ok else "http_error",
                    json.loads(text) if text.startswith("{") else text,
                    response.headers.get("X-Slack-No-Retry") == "1",
                )
        except TimeoutError:
            return Reply(0, "http_timeout")
        except aiohttp.ClientError:
            return Reply(0, "connection_failed")
