"""Calls of Slack's Web API: within its rate limits, retried where that does no harm."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    import aiohttp

_log = logging.getLogger(__name__)

SLACK_API = "https://slack.com/api/"
_TIMEOUT_S = 30.0
MAX_TRIES = 6
_MIN_BACKOFF_S = 0.5
_MAX_BACKOFF_S = 20.0
_DEFAULT_RETRY_AFTER_S = 5.0
_MAX_RETRY_AFTER_S = 300.0
_GIVE_UP_AFTER_S = 900.0  # for one call that is rate limited
_MAX_CONCURRENT = 8  # concurrent calls of one method for one workspace
_TRANSIENT_CODES = (
    "internal_error fatal_error service_unavailable request_timeout team_is_being_moved".split()
)
_TOKEN_CODES = ("invalid_auth", "token_revoked", "token_expired", "account_inactive", "not_authed")

Data = Mapping[str, Any]


class SlackRefused(Exception):
    """A permanent refusal by Slack. code: its error code, such as "channel_not_found"."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"Slack refused {method}: {code}")
        self.code = code


class TokenGone(Exception):
    """A token that is invalid, or no longer valid. code: Slack's error code. No SlackRefused: it may pass."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"Slack refused the token for {method}: {code}")
        self.code = code


class SlackUnreachable(Exception):
    """A failure to reach Slack, or to get a usable response, despite retries."""


class SlackBusy(SlackUnreachable):
    """A rate limit that was not waited out; nothing was done."""


class ResponseLost(Exception):
    """A missing response; the request may have been carried out."""


class _RateLimited(Exception):
    """A rate limit. seconds: how long to wait."""

    def __init__(self, retry_after: str | None) -> None:
        super().__init__()
        try:
            self.seconds = float(retry_after or _DEFAULT_RETRY_AFTER_S)
        except ValueError:
            self.seconds = _DEFAULT_RETRY_AFTER_S
        self.seconds = min(_MAX_RETRY_AFTER_S, max(0.0, self.seconds))


class _TransientFailure(Exception):
    """A transient failure."""


class SlackApi:
    """Web API client for all workspaces. Bound to one event loop; `close` ends its connections."""

    def __init__(self, api_url: str = SLACK_API) -> None:
        self._api_url = api_url
        self._session: aiohttp.ClientSession | None = None
        self._not_before: dict[tuple[str, str], float] = {}  # monotonic seconds, by token and what is limited
        self._concurrent: WeakValueDictionary[tuple[str, str], asyncio.Semaphore] = WeakValueDictionary()

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    async def call(
        self,
        token: str,
        method: str,
        body: Data,
        *,
        is_read: bool = False,
        repeatable: bool = True,
        tries: int = MAX_TRIES,
        waits: bool = True,
    ) -> Data:
        """Return Slack's response to a method. is_read: whether the method takes no JSON.

        repeatable: whether repeating the call is harmless; if not, raises ResponseLost when no response
        comes. tries: maximum number, on transient failures. waits: whether to wait when rate limited; if not,
        raises SlackBusy. Raises SlackRefused, TokenGone, SlackUnreachable.
        """
        from slack_sdk.web.async_client import AsyncWebClient

        client = AsyncWebClient(
            token=token,
            base_url=self._api_url,
            session=self._connections(),
            retry_handlers=[],  # `_retry` retries
            logger=_log,
        )

        async def send() -> Data:
            if is_read:
                response = await client.api_call(method, http_verb="GET", params=dict(body))
            else:
                response = await client.api_call(method, json=dict(body))
            data: Data = response.data  # type: ignore[assignment]
            return data

        # Slack limits new messages per channel, everything else per workspace.
        place = f"{method} {body.get('channel')}" if method == "chat.postMessage" else method
        return await self._retry((token, place), send, repeatable=repeatable, tries=tries, waits=waits)

    async def respond(
        self, response_url: str, body: Data, *, tries: int = MAX_TRIES, waits: bool = True
    ) -> None:
        """Post to the response_url of a command or click; see `call`."""

        async def send() -> Data:
            async with self._connections().post(response_url, json=body) as response:
                text = await response.text()
                if response.status == 429:
                    raise _RateLimited(response.headers.get("Retry-After"))
                if response.status >= 500:
                    raise _TransientFailure(f"status {response.status}")
                if response.status != 200 or '"ok":false' in text.replace(" ", ""):
                    raise SlackRefused("response_url", f"status {response.status}")
                return {}

        await self._retry(("", "response_url"), send, repeatable=True, tries=tries, waits=waits)

    async def _retry(
        self,
        place: tuple[str, str],
        send: Callable[[], Awaitable[Data]],
        *,
        repeatable: bool,
        tries: int,
        waits: bool,
    ) -> Data:
        """Return the response, retrying as often as allowed and reasonable."""
        method, began, n = place[1].split()[0], monotonic(), 0
        slots = self._concurrent.setdefault(place, asyncio.Semaphore(_MAX_CONCURRENT))
        while True:
            wait_s = self._not_before.get(place, 0.0) - monotonic()
            if wait_s > 0 and not waits:
                raise SlackBusy(f"{method}: too many requests")
            await asyncio.sleep(max(0.0, wait_s))
            try:
                async with slots:
                    return await _send(method, send)
            except _RateLimited as later:  # all calls under this limit wait
                self._postpone(place, later.seconds)
                _log.info("Slack wants %s to wait for %g seconds", method, later.seconds)
                if not waits or monotonic() - began > _GIVE_UP_AFTER_S:
                    raise SlackBusy(f"{method}: too many requests") from None
            except (TimeoutError, OSError, _TransientFailure) as error:
                n += 1
                if not repeatable and not _was_never_sent(error):
                    raise ResponseLost(f"{method}: {_describe(error)}") from error
                if n >= tries:
                    raise SlackUnreachable(f"{method}: {_describe(error)}") from error
                await asyncio.sleep(backoff_s(n))

    def _postpone(self, place: tuple[str, str], seconds: float) -> None:
        now = monotonic()
        self._not_before = {place: at for place, at in self._not_before.items() if at > now}
        self._not_before[place] = now + seconds

    def _connections(self) -> "aiohttp.ClientSession":
        import aiohttp

        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=True)
        return self._session


def backoff_s(n: int) -> float:
    """Return the seconds to wait after the n-th failure: exponential backoff with jitter."""
    longest_s = min(_MAX_BACKOFF_S, _MIN_BACKOFF_S * 2.0**n)
    return random.uniform(longest_s / 2, longest_s)  # noqa: S311  no secret


async def _send(method: str, send: Callable[[], Awaitable[Data]]) -> Data:
    """Return the response, or raise its error as one of the exceptions above."""
    import aiohttp
    from slack_sdk.errors import SlackApiError, SlackClientError

    try:
        return await send()
    except SlackApiError as error:
        response: Any = error.response
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
        data = getattr(response, "data", None)
        code = str(data.get("error") or "") if isinstance(data, dict) else ""
        if status == 429 or code in ("ratelimited", "rate_limited"):
            raise _RateLimited(response.headers.get("Retry-After")) from None
        if not code or status >= 500 or code in _TRANSIENT_CODES:
            raise _TransientFailure(f"status {status} {code}".strip()) from None
        if code in _TOKEN_CODES:
            raise TokenGone(method, code) from None
        raise SlackRefused(method, code) from None
    except (SlackClientError, aiohttp.ClientError) as error:
        raise _TransientFailure(_describe(error)) from error


def _was_never_sent(error: BaseException) -> bool:
    """Return whether no connection was made at all."""
    import aiohttp

    return isinstance(error.__cause__, aiohttp.ClientConnectorError)


def _describe(error: BaseException) -> str:
    """Return type and message of an error, omitting a message with a URL, which may hold a secret."""
    return type(error).__name__ if "://" in str(error) else f"{type(error).__name__} {error}".strip()
