"""A language model that takes no time: an OpenAI-compatible server that repeats the first sentence it gets.

For measuring everything around the model. Its reply is always supported by its sentence, so it is shown.
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
    """Return the first sentence of a prompt, with its marker."""
    found = _SENTENCE.findall(prompt)
    return f"{found[-1]} [1]" if found else "."


@contextmanager
def instant_llm(pause_s: float = 0.0) -> Iterator[str]:
    """Run the server and yield the value of the setting `llm` for it. pause_s: delay of each answer."""

    class Handler(BaseHTTPRequestHandler):
        """A handler of one request per connection."""

        def do_GET(self) -> None:
            """Send the list of models."""
            self._send("application/json", json.dumps({"object": "list", "data": [{"id": NAME}]}))

        def do_POST(self) -> None:
            """Stream a completion."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(pause_s)
            delta = {"content": reply_to(body["messages"][-1]["content"])}
            chunks = [
                {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
                {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            ]
            lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
            self._send("text/event-stream", "".join([*lines, "data: [DONE]\n\n"]))

        def log_message(self, *arguments: object) -> None:
            """Log nothing."""

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
