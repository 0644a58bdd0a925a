"""A POST whose response is server-sent events, read in a thread so that every wait can be bounded exactly.

httpx has one limit for each read, the same before the first event and between two; a server that sends
heartbeats for ever would never meet it.
"""

import json
import logging
import queue
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import httpx

_log = logging.getLogger(__name__)

_MOST_BYTES = 16_000_000  # of one response; a token with its probability takes some hundred
_MOST_LINE_BYTES = 1_000_000
_MOST_DETAIL_BYTES = 4096
_MOST_DETAIL_CHARS = 300
_MOST_RETRY_AFTER_S = 600.0


class ServerFailure(Exception):
    """The server did not do what it was asked. status: of HTTP, None when there was no usable response."""

    def __init__(self, reason: str, *, status: int | None = None, retry_after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_s = retry_after_s


class EventStream:
    """The `data:` of each event of one response, in order."""

    def __init__(self, client: httpx.Client, request: httpx.Request) -> None:
        """Sends the request; the client has to make a new connection for it."""
        self._client = client
        self._request = request
        self._request.extensions = {**request.extensions, "trace": self._note_connection}
        self._connection: socket.socket | None = None
        self._connecting = threading.Lock()
        self._events: queue.SimpleQueue[str | ServerFailure | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        threading.Thread(target=self._read, name="event-stream", daemon=True).start()

    def next_event(self, until: float) -> str | None:
        """The next event's data, None behind the last. until: of time.monotonic.

        Raises TimeoutError when that time comes first, and ServerFailure.
        """
        try:
            event = self._events.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(event, ServerFailure):
            raise event
        return event

    def close(self) -> None:
        """Hangs up at once, whatever the server is doing; it then has no reason to go on."""
        with self._connecting:
            self._closed.set()
            self._cut()

    def _note_connection(self, event: str, details: Mapping[str, Any]) -> None:
        """Httpcore's word on what it does: the thread that reads can be woken by its socket alone."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._connecting:
                self._connection = details["return_value"].get_extra_info("socket")
                if self._closed.is_set():
                    self._cut()

    def _cut(self) -> None:
        if self._connection is not None:
            with suppress(OSError):  # it has ended by itself
                self._connection.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        try:
            response = self._client.send(self._request, stream=True)
            try:
                if response.status_code != httpx.codes.OK:
                    raise _refusal(response)
                for line in self._lines(response):
                    if line.startswith("data:"):
                        self._events.put(line[5:].strip())
            finally:
                response.close()
        except ServerFailure as failure:
            self._events.put(failure)
        except httpx.HTTPError as error:
            self._events.put(ServerFailure(_in_words(error)))
        except Exception as error:  # the outermost edge of this thread; without a word its reader would wait
            if not self._closed.is_set():  # a connection that was cut can break in any way
                _log.exception("a response could not be read after an error of ours")
            self._events.put(ServerFailure(f"its reply could not be read ({type(error).__name__})"))
        else:
            self._events.put(None)

    def _lines(self, response: httpx.Response) -> Iterator[str]:
        """Lines while somebody listens; what follows the last line break is none."""
        rest, n_bytes = b"", 0
        for block in response.iter_raw():  # compression was not asked for
            n_bytes += len(block)
            if n_bytes > _MOST_BYTES or len(rest) > _MOST_LINE_BYTES:
                raise ServerFailure(f"it sent more than an answer has: {n_bytes:,} bytes")
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                if self._closed.is_set():
                    return
                yield line.decode("utf-8", "replace")


def fetch_json(client: httpx.Client, url: str) -> object:
    """What the server says at this address. Raises ServerFailure."""
    try:
        response = client.get(url)
        if response.status_code != httpx.codes.OK:
            raise _refusal(response)
        return response.json()
    except httpx.HTTPError as error:
        raise ServerFailure(_in_words(error)) from error
    except ValueError as error:
        raise ServerFailure("its reply is no JSON") from error


def _refusal(response: httpx.Response) -> ServerFailure:
    """What the server said with a status other than 200."""
    said = b""
    for block in response.iter_raw() if not response.is_stream_consumed else [response.content]:
        said += block
        if len(said) >= _MOST_DETAIL_BYTES:
            break
    detail = _error_message(said[:_MOST_DETAIL_BYTES].decode("utf-8", "replace"))
    return ServerFailure(
        f"status {response.status_code}{f': {detail}' if detail else ''}",
        status=response.status_code,
        retry_after_s=_retry_after_s(response.headers.get("retry-after", "")),
    )


def _error_message(body: str) -> str:
    """The message of an OpenAI error, or what else the body says, on one short line."""
    try:
        error = json.loads(body)["error"]
        body = str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError, TypeError):
        pass
    return " ".join(body.split())[:_MOST_DETAIL_CHARS]


def _retry_after_s(header: str) -> float:
    """Seconds of a Retry-After header; 0 for none, and for a date, which servers of models do not send."""
    return min(float(header), _MOST_RETRY_AFTER_S) if header.strip().isdecimal() else 0.0


def _in_words(error: httpx.HTTPError) -> str:
    kinds = {
        httpx.ConnectTimeout: "it could not be reached in time",
        httpx.ConnectError: "it could not be reached",
        httpx.TimeoutException: "it kept silent for too long",
        httpx.RemoteProtocolError: "it broke off or does not speak HTTP",
        httpx.NetworkError: "the connection broke",
    }
    words = next((words for kind, words in kinds.items() if isinstance(error, kind)), "the request failed")
    return f"{words} ({' '.join(str(error).split())[:_MOST_DETAIL_CHARS] or type(error).__name__})"
