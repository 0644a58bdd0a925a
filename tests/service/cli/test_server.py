"""`inyong serve`, as a process: where it listens, when it refuses to, how it stops."""

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from service.cli.server import is_loopback
from service.storage.keys import Keys
from service.storage.permissions import Scope
from tests.service.cli.conftest import Run, environment
from tests.service.conftest import World

SOON_S = 60.0
QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"

# The command with small models in the place of the real ones; the model takes a while for each word,
# and what runs may go on for as many seconds as the first argument says.
_SERVE = """
import sys, time
from service import wiring
from service.api import server
from service.cli import main
from tests.fakes import HashEmbedder, ScriptedGenerator, WordReader

class Slow(ScriptedGenerator):
    def generate(self, request, check=lambda: None):
        def take():
            time.sleep(0.4)
            check()
        return ScriptedGenerator.generate(self, request, take)

server.GRACE_S = float(sys.argv.pop(1))
wiring.load_embedder = lambda settings: HashEmbedder()
wiring.load_reader = lambda settings, embedder: WordReader()
wiring.load_generator = lambda settings: Slow(["예산은 350억 원이 들었다."])
main()
"""


@contextmanager
def serving(
    world: World, *arguments: str, grace_s: float = 20.0
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command over the world's store, and its address; models are loaded."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(grace_s), "serve", "--port", "0", *arguments],
        env=environment(world.settings.home.parent, world.settings.home)
        | {"INYONG_PASSAGE_LEAST": "20", "INYONG_PASSAGE_MOST": "60"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stderr is not None
        address = ""
        for line in process.stderr:
            found = re.search(r"http://\S+", line)
            address = found[0] if found else address
            if "ready" in line:
                break
        yield process, address
    finally:
        process.kill()
        process.communicate(timeout=SOON_S)


def test_it_answers_and_stops_when_told_to(world: World) -> None:
    with serving(world) as (process, address):
        answer = httpx.post(f"{address}/v1/answers", json={"question": QUESTION}, timeout=SOON_S).json()
        assert answer["answer"] == "예산은 350억 원이 들었다 [1]."
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=SOON_S)
    assert process.returncode == 0
    assert "Traceback" not in err


def test_told_to_stop_it_finishes_what_runs_and_takes_nothing_new(world: World) -> None:
    answers: list[httpx.Response] = []
    with serving(world) as (process, address):

        def ask() -> None:
            answers.append(httpx.post(f"{address}/v1/answers", json={"question": QUESTION}, timeout=SOON_S))

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(1.0)  # it is being written by now, and will be for another second
        process.send_signal(signal.SIGTERM)
        time.sleep(0.4)
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{address}/v1/search", json={"query": QUESTION}, timeout=SOON_S)
        asking.join(SOON_S)
        process.communicate(timeout=SOON_S)
    assert process.returncode == 0
    assert answers[0].json()["answer"] == "예산은 350억 원이 들었다 [1]."


def test_what_does_not_end_in_time_is_told_so(world: World) -> None:
    with serving(world, grace_s=0.2) as (process, address):
        body = {"question": QUESTION, "stream": True}
        with httpx.stream("POST", f"{address}/v1/answers", json=body, timeout=SOON_S) as response:
            lines = response.iter_lines()
            assert "event: sources" in [next(lines), next(lines)]
            process.send_signal(signal.SIGTERM)
            rest = "\n".join(lines)
        process.communicate(timeout=SOON_S)
    assert "event: error" in rest
    assert "the service was stopped before the answer was done" in rest
    assert process.returncode == 0


def test_an_address_that_others_can_reach_needs_a_key(run_process: Run) -> None:
    result = run_process("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert result.code == 2
    assert result.complaint().startswith("others can reach 0.0.0.0, and there is no API key; make one with")


def test_with_a_key_it_is_served(world: World) -> None:
    key = Keys(world.settings.home).add("team", None, [Scope.ASK])
    with serving(world, "--host", "0.0.0.0") as (_, address):  # noqa: S104
        headers = {"Authorization": f"Bearer {key}"}
        assert httpx.get(f"{address}/v1/models", headers=headers, timeout=SOON_S).status_code == 200


def test_told_to_it_is_served_without_a_key(world: World) -> None:
    with serving(world, "--host", "0.0.0.0", "--insecure") as (_, address):  # noqa: S104
        assert httpx.get(f"{address}/v1/models", timeout=SOON_S).status_code == 200


def test_a_port_in_use_is_told_in_one_sentence(run_process: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        result = run_process("serve", "--port", str(other.getsockname()[1]))
    assert result.code == 2
    assert "cannot be listened on (Address already in use); choose another" in result.complaint()


def test_missing_models_end_it_with_what_to_do(run_process: Run, tmp_path: Path) -> None:
    result = run_process("serve", "--port", "0", home=tmp_path / "home")
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith("inyong: model ")
    assert "run: inyong models pull" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("::", False),
        ("192.168.0.7", False),
        ("localhost.example.com", False),
    ],
)
def test_what_only_this_machine_can_reach(host: str, is_local: bool) -> None:
    assert is_loopback(host) is is_local
