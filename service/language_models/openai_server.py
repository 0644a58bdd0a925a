"""Generate text with a language model on an OpenAI-compatible server.

The quotes of a prompt are sent to that server and to no other host: no proxy, no redirect. Its replies are
verified like those of a local model.
"""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from prompts.render import Message
from service.errors import GenerationFailed
from service.language_models.server_address import LlmServer
from service.language_models.thinking import remove_thinking
from service.language_models.types import Check, Generation, GenerationRequest

_POLL_S = 0.5  # how soon a cancellation is noticed
_PAUSE_S = 1.0  # between two tries
_COOLDOWN_S = 15.0  # after a failure
_AFTER_END_S = 2.0  # for the token counts that follow the last token
_MOST_CHARS_A_TOKEN = 16  # more means a server that does not stop
_MOST_BYTES = 4_000_000  # of one reply; a token takes about 200
_MOST_DETAIL_CHARS = 300
_DONE = "[DONE]"
_UNKNOWN_FIELD, _FORBIDDEN = (400, 422), (401, 403)
_TRANSIENT = (None, 408, 425, 429, 500, 502, 503, 504)  # worth a second try
_EXTRAS: Mapping[str, object] = {"seed": 0, "stream_options": {"include_usage": True}}


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits of a server in seconds. whole_s: for one answer, the second try included.

    first_token_s: until the first token; silence_s: between two tokens.
    """

    connect_s: float = 5.0
    first_token_s: float = 90.0
    silence_s: float = 20.0
    whole_s: float = 180.0


class ServerFailure(Exception):
    """A request that the server did not fulfil. status: of HTTP, None without a usable response."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class RemoteGenerator:
    """A Generator that uses one server. Thread-safe; every call has its own connection.

    After a failure, calls fail immediately for a short cooldown.
    """

    def __init__(self, server: LlmServer, *, key: str | None = None, limits: Limits | None = None) -> None:
        """Defer connecting to the first request. key: sent as a bearer token, to this server only."""
        self._server = server
        self._limits = limits or Limits()
        self._model = server.model
        self._extras = _EXTRAS
        self._cooldown_until = 0.0
        self._loop = _event_loop()
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=self._limits.connect_s),
            headers=_headers(key),
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    @property
    def name(self) -> str:
        """Name of the model as configured."""
        return self._server.name

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Do nothing: servers cache prompt prefixes themselves."""

    def generate(self, request: GenerationRequest, check: Check = lambda: None) -> Generation:
        """Generate the next turn; see Generator. Raises GenerationFailed."""
        if (cooldown_s := self._cooldown_until - time.monotonic()) > 0:
            raise GenerationFailed(
                f"{self._place} failed recently; the next attempt is in {cooldown_s:.0f} seconds"
            )
        generating = asyncio.run_coroutine_threadsafe(self._generate(request), self._loop)
        try:
            while not generating.done():
                check()
                wait([generating], _POLL_S)
            return generating.result()
        finally:
            generating.cancel()  # closes the connection, so that the server stops generating

    async def _generate(self, request: GenerationRequest) -> Generation:
        """Ask the server, a second time after a failure that may pass. Raises GenerationFailed."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._limits.whole_s):
                try:
                    reply = await self._ask(request, self._extras)
                except ServerFailure as failure:
                    if failure.status in _UNKNOWN_FIELD and self._extras:
                        reply = await self._ask(request, {})
                        self._extras = {}  # the server knows no such fields
                    elif failure.status in _TRANSIENT:
                        await asyncio.sleep(_PAUSE_S)
                        reply = await self._ask(request, self._extras)
                    else:
                        raise
        except TimeoutError:
            reason = f"the answer was not whole after {self._limits.whole_s:g} seconds"
            raise self._explain(ServerFailure(reason)) from None
        except ServerFailure as failure:
            raise self._explain(failure) from failure
        return Generation(
            text=remove_thinking(reply.text),
            prompt_tokens=_count(reply.usage, "prompt_tokens", 0),
            cached_prompt_tokens=0,  # the server's count would reveal other callers' questions
            completion_tokens=_count(reply.usage, "completion_tokens", reply.n_pieces),
            first_token_ms=((reply.first_at or time.monotonic()) - began) * 1000,
            finished=reply.end != "length",
        )

    async def _ask(self, request: GenerationRequest, extras: Mapping[str, object]) -> "_Reply":
        """Make one request and read its reply, event by event. Raises ServerFailure."""
        reply, loop, limits = _Reply(), asyncio.get_running_loop(), self._limits
        try:
            async with asyncio.timeout(limits.first_token_s) as patience:
                body = {
                    "model": self._model or await self._first_model(),
                    "messages": [{"role": m.role, "content": m.content} for m in request.messages],
                    "max_tokens": request.max_tokens,
                    "temperature": 0,
                    "stream": True,
                    **extras,
                }
                url = f"{self._server.url}/chat/completions"
                async with self._client.stream("POST", url, json=body) as response:
                    async for data in _events(response):
                        if data == _DONE:
                            return reply
                        if reply.add(data):
                            patience.reschedule(loop.time() + limits.silence_s)
                        if reply.end:
                            patience.reschedule(loop.time() + _AFTER_END_S)
                        if len(reply.text) > request.max_tokens * _MOST_CHARS_A_TOKEN:
                            reply.end = "length"
                            return reply
        except httpx.HTTPError as error:
            raise ServerFailure(_describe(error)) from error
        except TimeoutError:
            if not reply.end and reply.first_at:
                reason = f"it fell silent for {limits.silence_s:g} seconds in the middle of the answer"
                raise ServerFailure(reason) from None
            if not reply.end:
                raise ServerFailure(f"it wrote nothing for {limits.first_token_s:g} seconds") from None
        if not reply.end:
            raise ServerFailure("it broke off" if reply.first_at else "its reply is no stream of events")
        return reply

    async def _first_model(self) -> str:
        """Return the first model that the server lists, and remember it."""
        body = b""
        async with self._client.stream("GET", f"{self._server.url}/models") as response:
            async for block in response.aiter_raw():
                body += block
                if len(body) > _MOST_BYTES:
                    raise ServerFailure(f"its list of models is longer than {_MOST_BYTES:,} bytes")
        try:
            self._model = str(_read_json(response.status_code, body)["data"][0]["id"])
        except (LookupError, TypeError):
            raise ServerFailure("it lists no model; name one behind # in llm", status=404) from None
        return self._model

    def _explain(self, failure: ServerFailure) -> GenerationFailed:
        """Return the error to raise, and leave a server alone that is down or broken."""
        if failure.status is None or failure.status >= 500:
            self._cooldown_until = time.monotonic() + _COOLDOWN_S
        if failure.status in _FORBIDDEN:
            return GenerationFailed(f"{self._place} refused the key ({failure}); set llm_key")
        return GenerationFailed(
            f"{self._place} did not answer: {failure}; see that it runs, or set llm to another model"
        )

    @property
    def _place(self) -> str:
        return f"the language model's server {self._server.url}"


def why_unreachable(server: LlmServer, key: str | None, *, within_s: float = 3.0) -> str:
    """Return why the server does not list its models, "" if it does."""
    try:
        url = f"{server.url}/models"
        response = httpx.get(url, headers=_headers(key), timeout=within_s, trust_env=False)
        _read_json(response.status_code, response.content)
    except httpx.HTTPError as error:
        return _describe(error)
    except ServerFailure as failure:
        return str(failure)
    return ""


@dataclass(slots=True)
class _Reply:
    """The reply received so far. first_at: time.monotonic() of the first token, hidden or not; 0 before.

    end: why the model stopped, "" while it has not.
    """

    text: str = ""
    n_pieces: int = 0
    first_at: float = 0.0
    end: str = ""
    usage: Mapping[str, Any] = field(default_factory=dict)

    def add(self, data: str) -> bool:
        """Add an event; return whether the model wrote anything, hidden reasoning included.

        Raises ServerFailure for what is no event of a chat completion.
        """
        try:
            event = json.loads(data)
            if event.get("error"):
                raise ServerFailure(f"it reports: {_message_of(event)}")
            self.usage = event.get("usage") or self.usage
            choice = (event["choices"] or [{}])[0]  # none beside the token counts
            delta = choice.get("delta") or {}
            # Lone surrogates cannot be stored.
            piece = (delta.get("content") or "").encode("utf-8", "replace").decode()
            self.end = str(choice.get("finish_reason") or self.end)
            is_alive = bool(piece or delta.get("reasoning_content") or delta.get("reasoning"))
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            raise ServerFailure("an event is not one of a chat completion") from None
        self.text += piece
        self.n_pieces += bool(piece)
        if is_alive and not self.first_at:
            self.first_at = time.monotonic()
        return is_alive


@cache
def _event_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of all requests, in a thread of its own: every wait in it can be cancelled."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="language-model-server", daemon=True).start()
    return loop


def _headers(key: str | None) -> dict[str, str]:
    return {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {})


async def _events(response: httpx.Response) -> AsyncIterator[str]:
    """Yield the `data:` of each event. Raises ServerFailure for a refusal or too long a reply."""
    rest, n_bytes = b"", 0
    async for block in response.aiter_raw():  # compression was not requested
        n_bytes += len(block)
        if n_bytes > _MOST_BYTES:
            raise ServerFailure(f"it sent more than an answer has: {n_bytes:,} bytes")
        rest += block
        if response.status_code == httpx.codes.OK:
            *lines, rest = rest.split(b"\n")
            for line in lines:
                if line.startswith(b"data:"):
                    yield line[5:].decode("utf-8", "replace").strip()
    if response.status_code != httpx.codes.OK:
        raise _refusal(response.status_code, rest)


def _read_json(status: int, body: bytes) -> Any:
    if status != httpx.codes.OK:
        raise _refusal(status, body)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ServerFailure("its reply is no JSON") from None


def _refusal(status: int, body: bytes) -> ServerFailure:
    """Return the failure for a status other than 200, with the server's message."""
    text = body.decode("utf-8", "replace")
    try:
        text = _message_of(json.loads(text))
    except (ValueError, RecursionError, LookupError, TypeError):
        text = _one_line(text)
    return ServerFailure(f"status {status}{f': {text}' if text else ''}", status)


def _message_of(event: Any) -> str:
    """Return the message of an OpenAI error."""
    error = event["error"]
    return _one_line(str(error["message"] if isinstance(error, dict) else error))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_MOST_DETAIL_CHARS]


def _count(usage: object, name: str, otherwise: int) -> int:
    """Return the server's count, or `otherwise` if it sends none."""
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and value >= 0 else otherwise


def _describe(error: httpx.HTTPError) -> str:
    unreached = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    words = "it could not be reached" if unreached else "the connection broke"
    return f"{words} ({_one_line(str(error)) or type(error).__name__})"
