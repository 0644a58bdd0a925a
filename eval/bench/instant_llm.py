"""A language model that takes no time: an OpenAI-compatible server that repeats the first sentence it gets.

For figures of everything around the model. What it says is always backed by its sentence, so it is shown.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "instant"
_SENTENCE = re.compile(r"^\[1\] (.+)$", re.MULTILINE)


def reply_to(prompt: str) -> str:
    """The first sentence of a prompt, with its marker."""
    found = _SENTENCE.findall(prompt)
    return f"{found[-1]} [1]" if found else "."


@contextmanager
def instant_llm(pause_s: float = 0.0) -> Iterator[str]:
    """The value of the setting `llm` that names this server. pause_s: what an answer takes nevertheless."""

    class Handler(BaseHTTPRequestHandler):
        """One completion a connection."""

        def do_GET(self) -> None:
            """The list of models."""
            self._send("application/json", json.dumps({"object": "list", "data": [{"id": NAME}]}))

        def do_POST(self) -> None:
            """A completion, streamed."""
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(pause_s)
            delta = {"content": reply_to(asked["messages"][-1]["content"])}
            chunks = [
                {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
                {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            ]
            lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
            self._send("text/event-stream", "".join([*lines, "data: [DONE]\n\n"]))

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

        def _send(self, kind: str, body: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"openai:http://127.0.0.1:{server.server_address[1]}/v1#{NAME}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
