"""An `inyong serve` subprocess over a benchmark's store, and a client for it."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

_INYONG = [sys.executable, "-c", "from service.cli import main; main()"]
_LONGEST_START_S = 600.0
_LOOK_EVERY_S = 0.05
_PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Served:
    """A ready service. alive_s, ready_s: from process start until /healthz and /readyz succeed."""

    url: str
    process: psutil.Process
    alive_s: float
    ready_s: float


@dataclass(slots=True)
class Streamed:
    """One streamed answer: milliseconds from the request to each first event, and the answer."""

    status: int = 0
    sources_ms: float = 0.0
    first_text_ms: float = 0.0
    whole_ms: float = 0.0
    answer: dict[str, Any] = field(default_factory=dict)
    failure: str = ""
    retry_after_s: float = 0.0


def run_inyong(*arguments: str) -> str:
    """Run an `inyong` command and return its output. Raises CalledProcessError."""
    done = subprocess.run([*_INYONG, *arguments], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout.strip()


def make_keys(home: Path, n_keys: int) -> list[str]:
    """Create API keys that may ask questions."""
    return [run_inyong("keys", "add", f"bench-{number}", "--home", str(home)) for number in range(n_keys)]


@contextmanager
def serving(home: Path, *options: str) -> Iterator[Served]:
    """Run the service; it is terminated when the block ends."""
    environment = os.environ | {"INYONG_REQUESTS_PER_MINUTE": "1000000"}  # rate limits are not measured
    with tempfile.TemporaryFile("w+") as log:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            [*_INYONG, "serve", "--home", str(home), "--port", "0", *options],
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=environment,
        )
        try:
            url = _wait_for_address(process, log.fileno())
            alive_s = _wait_for(f"{url}/healthz", process, began)
            ready_s = _wait_for(f"{url}/readyz", process, began)
            yield Served(url, psutil.Process(process.pid), alive_s, ready_s)
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_address(process: "subprocess.Popen[bytes]", log: int) -> str:
    """Return the address that the service logs. log: file descriptor."""
    until = time.monotonic() + _LONGEST_START_S
    while time.monotonic() < until:
        output = os.pread(log, 100_000, 0).decode("utf-8", "replace")
        if "listening on " in output:
            return output.partition("listening on ")[2].split()[0]
        if process.poll() is not None:
            raise SystemExit(f"inyong serve ended: {output.strip()}")
        time.sleep(_LOOK_EVERY_S)
    raise SystemExit("inyong serve did not start")


def _wait_for(url: str, process: "subprocess.Popen[bytes]", began: float) -> float:
    """Return the seconds from `began` until this address answers with 200."""
    with httpx.Client(timeout=5, trust_env=False) as client:  # a new one for each try would take half a core
        while time.perf_counter() - began < _LONGEST_START_S:
            try:
                if client.get(url).status_code == httpx.codes.OK:
                    return time.perf_counter() - began
            except httpx.TransportError:
                pass
            if process.poll() is not None:
                raise SystemExit("inyong serve ended before it was ready")
            time.sleep(_LOOK_EVERY_S)
    raise SystemExit(f"{url} was not well after {_LONGEST_START_S:g} seconds")


def connect(served: Served, key: str | None = None) -> httpx.Client:
    """Return a client with its own connection."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=served.url, headers=headers, timeout=_PATIENCE_S, trust_env=False)


def ask_streamed(client: httpx.Client, question: str) -> Streamed:
    """Ask one question, timing its events as they arrive. A refusal is in the status, not raised."""
    began, streamed = time.perf_counter(), Streamed()
    with client.stream("POST", "/v1/answers", json={"question": question, "stream": True}) as response:
        streamed.status = response.status_code
        streamed.retry_after_s = float(response.headers.get("retry-after", 0))
        event = ""
        for line in response.iter_lines() if response.status_code == httpx.codes.OK else ():
            ms = (time.perf_counter() - began) * 1000
            if line.startswith("event:"):
                event = line[6:].strip()
            elif line.startswith("data:"):
                if event == "sources":
                    streamed.sources_ms = ms
                elif event == "delta":
                    streamed.first_text_ms = streamed.first_text_ms or ms
                elif event == "done":
                    streamed.answer, streamed.whole_ms = json.loads(line[5:]), ms
                elif event == "error":
                    streamed.failure = line[5:].strip()
    return streamed


class MemoryWatch:
    """A sampler of a process's memory, in megabytes, every `every_s` seconds while the block runs."""

    def __init__(self, process: psutil.Process, every_s: float = 1.0) -> None:
        self.samples: list[float] = []
        self._process, self._every_s = process, every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.samples.append(self._process.memory_info().rss / 1e6)
            if self._done.wait(self._every_s):
                return


def in_threads(workers: Sequence[threading.Thread]) -> None:
    """Run all threads concurrently and wait for the last."""
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
