"""Calls of Slack's Web API: put off when Slack says so, tried again when they fail and that does no harm."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    import aiohttp

SLACK_API = "https://slack.com/api/"
_TIMEOUT_S = 30.0
MOST_TRIES = 6
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 20.0
_DEFAULT_RETRY_AFTER_S = 5.0
_LONGEST_RETRY_AFTER_S = 300.0
_PATIENCE_S = 900.0  # for one call that Slack puts off
_AT_ONCE = 8  # calls of one method for one workspace
_PASSING = ("internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_is_being_moved")
_TOKEN_GONE = ("invalid_auth", "token_revoked", "token_expired", "account_inactive", "not_authed")

_log = logging.getLogger(__name__)

Data = Mapping[str, Any]


class SlackRefused(Exception):
    """Slack will not do this, however often it is asked. code: its reason, such as "channel_not_found"."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"Slack refused {method}: {code}")
        self.code = code


class TokenGone(SlackRefused):
    """The token is not valid, or not any more."""


class SlackUnreachable(Exception):
    """Slack could not be reached, or kept failing, for as long as was reasonable."""


class SlackBusy(SlackUnreachable):
    """Slack wants fewer requests, and it was not worth waiting; nothing was done."""


class MayHaveHappened(Exception):
    """No answer came; what was asked for may have been done."""


class _Later(Exception):
    """Too many requests."""

    def __init__(self, retry_after: str | None) -> None:
        super().__init__()
        try:
            self.seconds = float(retry_after or _DEFAULT_RETRY_AFTER_S)
        except ValueError:
            self.seconds = _DEFAULT_RETRY_AFTER_S
        self.seconds = min(_LONGEST_RETRY_AFTER_S, max(0.0, self.seconds))


class _Failed(Exception):
    """Something that may pass."""


class Calls:
    """The Web API, whatever the workspace. Of one event loop; `close` ends its connections."""

    def __init__(
        self, api_url: str = SLACK_API, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._api_url = api_url
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None
        self._not_before: dict[tuple[str, str], float] = {}  # monotonic seconds, by token and what is counted
        self._at_once: WeakValueDictionary[tuple[str, str], asyncio.Semaphore] = WeakValueDictionary()

    async def close(self) -> None:
        """Ends the connections."""
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
        tries: int = MOST_TRIES,
        waits: bool = True,
    ) -> Data:
        """Slack's response to a method. is_read: one of those that take no JSON.

        repeatable: whether doing it twice is no harm; if it is, raises MayHaveHappened. tries: after failures
        that may pass. waits: when Slack wants fewer requests; if not, raises SlackBusy. Raises SlackRefused,
        TokenGone, SlackUnreachable.
        """
        from slack_sdk.web.async_client import AsyncWebClient

        client = AsyncWebClient(
            token=token,
            base_url=self._api_url,
            session=self._connections(),
            retry_handlers=[],  # `_persist` does that
            logger=_log,
        )

        async def send() -> Data:
            if is_read:
                response = await client.api_call(method, http_verb="GET", params=dict(body))
            else:
                response = await client.api_call(method, json=dict(body))
            data: Data = response.data  # type: ignore[assignment]
            return data

        # Slack counts new messages by channel, everything else by workspace.
        place = f"{method} {body.get('channel')}" if method == "chat.postMessage" else method
        return await self._persist((token, place), send, repeatable=repeatable, tries=tries, waits=waits)

    async def respond(
        self, response_url: str, body: Data, *, tries: int = MOST_TRIES, waits: bool = True
    ) -> None:
        """Posts to the address that came with a command or click; see `call`."""

        async def send() -> Data:
            async with self._connections().post(response_url, json=body) as response:
                words = await response.text()
                if response.status == 429:
                    raise _Later(response.headers.get("Retry-After"))
                if response.status >= 500:
                    raise _Failed(f"status {response.status}")
                if response.status != 200 or '"ok":false' in words.replace(" ", ""):
                    raise SlackRefused("response_url", f"status {response.status}")
                return {}

        await self._persist(("", "response_url"), send, repeatable=True, tries=tries, waits=waits)

    async def _persist(
        self,
        place: tuple[str, str],
        send: Callable[[], Awaitable[Data]],
        *,
        repeatable: bool,
        tries: int,
        waits: bool,
    ) -> Data:
        """The response, after as many tries as are allowed and reasonable."""
        method, began, n = place[1].split()[0], monotonic(), 0
        turns = self._at_once.setdefault(place, asyncio.Semaphore(_AT_ONCE))
        while True:
            wait_s = self._not_before.get(place, 0.0) - monotonic()
            if wait_s > 0 and not waits:
                raise SlackBusy(f"{method}: too many requests")
            await self._sleep(max(0.0, wait_s))
            try:
                async with turns:
                    return await _understood(method, send)
            except _Later as later:  # everything of this kind waits, for Slack counts it together
                self._put_off(place, later.seconds)
                _log.info("Slack wants %s to wait for %g seconds", method, later.seconds)
                if not waits or monotonic() - began > _PATIENCE_S:
                    raise SlackBusy(f"{method}: too many requests") from None
            except (TimeoutError, OSError, _Failed) as error:
                n += 1
                if not repeatable and not _was_never_sent(error):
                    raise MayHaveHappened(f"{method}: {_named(error)}") from error
                if n >= tries:
                    raise SlackUnreachable(f"{method}: {_named(error)}") from error
                await self._sleep(backoff_s(n))

    def _put_off(self, place: tuple[str, str], seconds: float) -> None:
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
    """Seconds to wait after the n-th failure: longer every time, and different for everybody."""
    most_s = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0**n)
    return random.uniform(most_s / 2, most_s)  # noqa: S311  no secret


async def _understood(method: str, send: Callable[[], Awaitable[Data]]) -> Data:
    """The response; raises what its error means."""
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
            raise _Later(response.headers.get("Retry-After")) from None
        if not code or status >= 500 or code in _PASSING:
            raise _Failed(f"status {status} {code}".strip()) from None
        if code in _TOKEN_GONE:
            raise TokenGone(method, code) from None
        raise SlackRefused(method, code) from None
    except (SlackClientError, aiohttp.ClientError) as error:
        raise _Failed(_named(error)) from error


def _was_never_sent(error: BaseException) -> bool:
    """Whether not even a connection was made."""
    import aiohttp

    return isinstance(error.__cause__, aiohttp.ClientConnectorError)


def _named(error: BaseException) -> str:
    """Kind and words of an error, without an address, which may hold a secret."""
    return type(error).__name__ if "://" in str(error) else f"{type(error).__name__} {error}".strip()
