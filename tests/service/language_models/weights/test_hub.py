"""Files of the hub, fetched from a local server that speaks its protocol."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from service.errors import ModelUnavailable
from service.language_models.weights.locate import fetch_from_hub, is_hub_name, resolve_llm

CONTENT = b"GGUF\x03" + bytes(range(256)) * 8
NAME = "hf:some-org/some-model-GGUF/some-model-q4.gguf"


@dataclass
class Hub:
    """The server's address, the requests it got, and what it answers with for every file but one."""

    url: str = ""
    seen: list[str] = field(default_factory=list)
    refusal: tuple[int, str] = (404, "RepoNotFound")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    made = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(b"")

        def do_GET(self) -> None:
            self._answer(CONTENT)

        def _answer(self, body: bytes) -> None:
            made.seen.append(f"{self.command} {self.path} {self.headers.get('Authorization', '')}".strip())
            if "/some-org/some-model-GGUF/resolve/" not in self.path or "q4.gguf" not in self.path:
                status, code = made.refusal
                self.send_response(status)
                self.send_header("X-Error-Code", code)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("X-Repo-Commit", "a" * 40)
            self.send_header("ETag", f'"{hashlib.sha256(CONTENT).hexdigest()}"')
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", made.url)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    yield made
    server.shutdown()
    server.server_close()


def test_a_file_is_fetched_once_and_then_found_in_the_cache(hub: Hub, tmp_path: Path) -> None:
    path = resolve_llm(NAME, tmp_path)
    assert path.read_bytes() == CONTENT
    n_requests = len(hub.seen)
    assert fetch_from_hub(NAME) == path
    assert len(hub.seen) == n_requests  # the hub is not even asked for a newer one


def test_what_is_cached_needs_no_network(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fetch_from_hub(NAME)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert fetch_from_hub(NAME) == path
    assert fetch_from_hub(NAME, cached_only=True) == path


def test_without_a_network_it_says_how_to_fetch_it(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelUnavailable, match=f"inyong models pull {NAME}"):
        fetch_from_hub(NAME)


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (404, "RepoNotFound", "has no such file, or it is private"),
        (404, "EntryNotFound", "has no such file, or it is private"),
        (403, "GatedRepo", "licence must be accepted first"),
    ],
)
def test_a_refusal_of_the_hub_is_one_sentence(hub: Hub, status: int, code: str, message: str) -> None:
    hub.refusal = (status, code)
    with pytest.raises(ModelUnavailable, match=message):
        fetch_from_hub("hf:other-org/other/model.gguf")


@pytest.mark.parametrize(
    "value", ["hf:", "hf:org/model", "hf:org/model/file.bin", "hf:org/model/../x.gguf", "hf:org//x.gguf"]
)
def test_another_form_is_refused_with_the_right_one(value: str) -> None:
    assert is_hub_name(value)
    with pytest.raises(ModelUnavailable, match=r"write hf:OWNER/REPO/FILE\.gguf"):
        fetch_from_hub(value)
