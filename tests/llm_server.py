"""An OpenAI-compatible server on a port of this machine that does what it was told, one act a request."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Act = Callable[["Exchange"], None]


@dataclass(slots=True)
class Exchange:
    """One request, and the means to answer it."""

    body: dict[str, Any]
    handler: BaseHTTPRequestHandler
    closing: threading.Event

    def head(self, status: int, kind: str, headers: dict[str, str] | None = None) -> None:
        """Status and headers; the body ends with the connection."""
        self.handler.send_response(status)
        for name, value in {"Content-Type": kind, "Connection": "close", **(headers or {})}.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()

    def send(self, text: str) -> None:
        """A part of the body, at once."""
        self.handler.wfile.write(text.encode())
        self.handler.wfile.flush()

    def event(self, value: object) -> None:
        """One server-sent event."""
        self.send(f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n")

    def piece(self, text: str) -> None:
        """A piece of the answer."""
        choice: dict[str, Any] = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        self.event({"choices": [choice]})

    def finish(self, usage: dict[str, Any] | None = None) -> None:
        """The end of the answer."""
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if usage:
            self.event({"choices": [], "usage": usage})
        self.event("[DONE]")


@dataclass(slots=True)
class ScriptedServer:
    """acts: one for each chat completion, the last one for ever after. models: what it lists."""

    acts: Sequence[Act] = ()
    models: tuple[str, ...] = ("listed-model",)
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)  # a client left before the end
    closing: threading.Event = field(default_factory=threading.Event)


def say(*pieces: str, usage: dict[str, Any] | None = None) -> Act:
    """Answers with these pieces."""

    def act(exchange: Exchange) -> None:
        exchange.head(200, "text/event-stream")
        for piece in pieces:
            exchange.piece(piece)
        exchange.finish(usage)

    return act


def refuse(status: int, message: str = "no", headers: dict[str, str] | None = None) -> Act:
    """Answers with an error as OpenAI words it."""

    def act(exchange: Exchange) -> None:
        exchange.head(status, "application/json", headers)
        exchange.send(json.dumps({"error": {"message": message}}))

    return act


def wait_before(seconds: float, act: Act, *, with_head: bool = False) -> Act:
    """Keeps silent first, behind the status line if `with_head`."""

    def waiting(exchange: Exchange) -> None:
        if with_head:
            exchange.head(200, "text/event-stream")
            exchange.send(": waiting\n\n")
        exchange.closing.wait(seconds)
        act(exchange)

    return waiting


def stall_after(*pieces: str, heartbeats: bool = False) -> Act:
    """Begins an answer and never goes on."""

    def act(exchange: Exchange) -> None:
        exchange.head(200, "text/event-stream")
        for piece in pieces:
            exchange.piece(piece)
        while not exchange.closing.wait(0.02):
            if heartbeats:
                exchange.send(": still here\n\n")

    return act


def listen_in_silence(*, with_head: bool = False) -> Act:
    """Says nothing until the client leaves, which it notices without sending anything."""

    def act(exchange: Exchange) -> None:
        if with_head:
            exchange.head(200, "text/event-stream")
        connection: socket.socket = exchange.handler.connection
        connection.settimeout(10)
        if not connection.recv(1):
            raise ConnectionAbortedError("the client has left")

    return act


def break_off_after(*pieces: str) -> Act:
    """Begins an answer and closes the connection."""

    def act(exchange: Exchange) -> None:
        exchange.head(200, "text/event-stream")
        for piece in pieces:
            exchange.piece(piece)

    return act


def babble() -> Act:
    """Writes until nobody listens."""

    def act(exchange: Exchange) -> None:
        exchange.head(200, "text/event-stream")
        while not exchange.closing.is_set():
            exchange.piece("또 ")
            time.sleep(0.001)

    return act


def send_raw(status: int, kind: str, body: str) -> Act:
    """Answers with anything."""

    def act(exchange: Exchange) -> None:
        exchange.head(status, kind)
        exchange.send(body)

    return act


@contextmanager
def serving(*acts: Act, models: tuple[str, ...] = ("listed-model",)) -> Iterator[ScriptedServer]:
    """The server, listening, until the block ends."""
    server = ScriptedServer(acts, models)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            exchange = Exchange({}, self, server.closing)
            exchange.head(200, "application/json")
            exchange.send(json.dumps({"data": [{"id": name} for name in server.models]}))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            act = server.acts[min(len(server.bodies), len(server.acts) - 1)]
            server.bodies.append(body)
            server.headers.append(dict(self.headers))
            try:
                act(Exchange(body, self, server.closing))
            except ConnectionError:
                server.hung_up.set()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        http.shutdown()
        thread.join()
        http.server_close()
