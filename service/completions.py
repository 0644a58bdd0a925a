"""Chat completions of an OpenAI-compatible server, streamed: time limits, retries, circuit breaker.

Nothing leaves for any other host: no proxy, no redirect.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from prompts.render import Message
from service.beating import BEAT_S, call_beating, sleep_beating
from service.breaker import Breaker
from service.chat_stream import DONE, read_chunk
from service.errors import GenerationFailed, ServerUnavailable
from service.event_stream import EventStream, ServerFailure, fetch_json
from service.generate import OnText
from service.llm_server import LlmServer

_MOST_RETRY_AFTER_S = 10.0  # a server that wants more patience is told of, not waited for
_AFTER_FINISH_S = 2.0  # for the counts that follow the last word
_MOST_CHARS_A_TOKEN = 16  # more is no answer but a server that does not stop
_UNKNOWN_FIELD, _FORBIDDEN = (400, 422), (401, 403)
_PASSING = (408, 425, 429, 500, 502, 503, 504)  # worth asking again
# What a server may not know, or not offer: then it is asked without, and that is remembered.
_EXTRAS: Mapping[str, object] = {"seed": 0, "logprobs": True, "stream_options": {"include_usage": True}}


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a server is given, and tries. whole_s: for one completion, every retry included.

    first_token_s: until the model writes; silence_s: between two pieces of its text.
    """

    connect_s: float = 5.0
    first_token_s: float = 90.0
    silence_s: float = 20.0
    whole_s: float = 180.0
    attempts: int = 3


@dataclass(slots=True)
class Reply:
    """What the model wrote so far. first_at: time.monotonic() of its first sign of life, 0 before."""

    text: str = ""
    n_pieces: int = 0
    first_at: float = 0.0
    finished: bool = False
    log_probabilities: list[float] = field(default_factory=list)
    usage: Mapping[str, Any] = field(default_factory=dict)

    @property
    def confidence(self) -> float | None:
        """Geometric mean of the tokens' probabilities; None where the server does not give them."""
        values = self.log_probabilities
        return math.exp(min(0.0, sum(values) / len(values))) if values else None


class Completions:
    """One server's chat completions. Safe to share between threads; every call has its own connection."""

    def __init__(self, server: LlmServer, key: str | None, limits: Limits, breaker: Breaker) -> None:
        """Connects to nothing yet. key: sent as a bearer token."""
        self._server = server
        self._limits = limits
        self._breaker = breaker
        self._client = _make_client(key, limits)
        self._model = server.model
        self._extras: Mapping[str, object] = _EXTRAS
        self._extras_work = False

    def complete(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        on_text: OnText | None = None,
        more_fields: Mapping[str, object] | None = None,
    ) -> Reply:
        """The model's next turn, greedy. Asked again only as long as it has not begun to write.

        on_text: given each piece, and "" while none comes; raising ends it, also while the server is silent.
        Raises ServerUnavailable, GenerationFailed.
        """
        until = time.monotonic() + self._limits.whole_s
        body = {
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
            **(more_fields or {}),
        }
        jitter = wait_random_exponential(multiplier=0.5, max=5)

        def wait_s(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked_for = error.retry_after_s if isinstance(error, _Passing) else 0.0
            return asked_for + jitter(state)

        retrying = Retrying(
            retry=retry_if_exception_type(_Passing),
            stop=stop_after_attempt(self._limits.attempts),
            wait=wait_s,
            sleep=lambda seconds: sleep_beating(seconds, _beat_of(on_text)),
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                return self._try(body, max_tokens, on_text, until)
        raise AssertionError("tenacity raises or returns")

    def _try(
        self, body: Mapping[str, object], max_tokens: int, on_text: OnText | None, until: float
    ) -> Reply:
        """One request. Raises _Passing when asking again may help."""
        if wait_s := self._breaker.admit():
            raise ServerUnavailable(
                f"{self._place} failed {self._breaker.most_failures} times in a row; "
                f"it is asked again in {wait_s:.0f} seconds",
                retry_after_s=wait_s,
            )
        reply, extras = Reply(), self._extras
        try:
            model = self._model or call_beating(self._first_model, _beat_of(on_text))
            self._stream({**body, **extras, "model": model}, reply, max_tokens, on_text, until)
        except ServerFailure as failure:
            if failure.status is None or failure.status >= 500:
                self._breaker.fail()
            else:
                self._breaker.succeed()
            raise self._told(failure, reply, until, had_extras=bool(extras)) from failure
        except BaseException:  # it was the listener that ended it
            if reply.first_at:
                self._breaker.succeed()
            raise
        self._breaker.succeed()
        self._extras_work = self._extras_work or bool(extras)
        return reply

    def _stream(
        self,
        body: Mapping[str, object],
        reply: Reply,
        max_tokens: int,
        on_text: OnText | None,
        until: float,
    ) -> None:
        """Takes the response in, piece by piece. Raises ServerFailure."""
        request = self._client.build_request("POST", f"{self._server.url}/chat/completions", json=body)
        stream = EventStream(self._client, request)
        last_at, patience_s = time.monotonic(), self._limits.first_token_s
        try:
            while True:
                try:
                    data = _next_event(stream, min(last_at + patience_s, until), _beat_of(on_text))
                except TimeoutError:
                    if reply.finished:
                        return
                    raise ServerFailure(self._what_took_too_long(reply, until)) from None
                if data is None and not reply.finished:
                    reason = "it broke off" if reply.first_at else "its reply is no stream of events"
                    raise ServerFailure(reason)
                if data is None or data == DONE:
                    return
                try:
                    chunk = read_chunk(data)
                except ValueError as error:
                    raise ServerFailure(str(error)) from None
                reply.usage = chunk.usage or reply.usage
                reply.log_probabilities += chunk.log_probabilities
                if chunk.alive:
                    last_at, patience_s = time.monotonic(), self._limits.silence_s
                    reply.first_at = reply.first_at or last_at
                if chunk.text:
                    reply.text += chunk.text
                    reply.n_pieces += 1
                    if on_text:
                        on_text(chunk.text)
                if len(reply.text) > max_tokens * _MOST_CHARS_A_TOKEN:
                    return
                if chunk.finished:
                    reply.finished = True
                    last_at, patience_s = time.monotonic(), _AFTER_FINISH_S
        finally:
            stream.close()

    def _what_took_too_long(self, reply: Reply, until: float) -> str:
        if time.monotonic() >= until:
            return f"the answer was not whole after {self._limits.whole_s:g} seconds"
        if reply.first_at:
            return f"it fell silent for {self._limits.silence_s:g} seconds in the middle of the answer"
        return f"it wrote nothing for {self._limits.first_token_s:g} seconds"

    def _first_model(self) -> str:
        """The model that the server lists first, asked for once."""
        listed = fetch_json(self._client, f"{self._server.url}/models")
        try:
            self._model = str(listed["data"][0]["id"])  # type: ignore[index]
        except (LookupError, TypeError):
            raise ServerFailure("it lists no model; name one behind # in llm", status=404) from None
        return self._model

    def _told(
        self, failure: ServerFailure, reply: Reply, until: float, *, had_extras: bool
    ) -> GenerationFailed:
        """The failure as the caller hears of it: passing ones before the first word are tried again."""
        status, begun = failure.status, bool(reply.first_at)
        # llama-cpp-python's server meets a wish for probabilities that it cannot fulfil with a 500.
        if had_extras and not self._extras_work and status in (*_UNKNOWN_FIELD, 500):
            self._extras = {}
            return _Passing(f"{self._place}: {failure}")
        if status in _FORBIDDEN:
            return GenerationFailed(f"{self._place} refused the key ({failure}); set llm_key")
        message = f"{self._place} did not answer: {failure}; see that it runs, or set llm to another model"
        if status is not None and status not in _PASSING:
            return GenerationFailed(message)
        patient = failure.retry_after_s <= min(_MOST_RETRY_AFTER_S, until - time.monotonic())
        if begun or not patient or time.monotonic() >= until:
            return ServerUnavailable(message, retry_after_s=failure.retry_after_s)
        return _Passing(message, retry_after_s=failure.retry_after_s)

    @property
    def _place(self) -> str:
        return f"the language model's server {self._server.url}"


def _beat_of(on_text: OnText | None) -> Callable[[], None]:
    """What asks the listener whether it still listens."""
    return (lambda: on_text("")) if on_text else (lambda: None)


def _next_event(stream: EventStream, until: float, beat: Callable[[], None]) -> str | None:
    """The next event's data, None behind the last. Raises TimeoutError when `until` comes first."""
    while True:
        try:
            return stream.next_event(min(until, time.monotonic() + BEAT_S))
        except TimeoutError:
            if time.monotonic() >= until:
                raise
        beat()


def why_unreachable(server: LlmServer, key: str | None, *, within_s: float = 3.0) -> str:
    """What keeps the server from listing its models; "" when it does."""
    with _make_client(key, Limits(within_s, within_s, within_s)) as client:
        try:
            fetch_json(client, f"{server.url}/models")
        except ServerFailure as failure:
            return str(failure)
    return ""


def _make_client(key: str | None, limits: Limits) -> httpx.Client:
    longest = max(limits.first_token_s, limits.silence_s) + 1
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {})
    return httpx.Client(
        timeout=httpx.Timeout(longest, connect=limits.connect_s),
        headers=headers,
        trust_env=False,
        # Turns are given out before, by whoever asks. None is kept: to hang up is to close a connection.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
    )


class _Passing(ServerUnavailable):
    """The same request may do better."""
