"""The service over a small store made with the fakes, asked without a network or through a real server."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
import uvicorn
from fastapi.testclient import TestClient

from service.api.app import create_app
from service.api.backend import Backend, open_backend
from service.api.server import TimedProtocol
from service.language_models.types import Check, Generation, GenerationRequest
from tests.fakes import ScriptedGenerator
from tests.service.conftest import World

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"
UNANSWERABLE = "프랑스 대통령의 이름은 무엇인가요?"
REPLY = "예산은 350억 원이 들었다."
SOON_S = 10.0  # far longer than anything here takes


@dataclass(slots=True)
class PacedGenerator(ScriptedGenerator):
    """Writes a word whenever it is allowed one; `n_written` counts them."""

    n_written: int = 0
    began: threading.Event = field(default_factory=threading.Event)
    _allowed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def allow(self, n_words: int) -> None:
        """So many further words may be written."""
        self._allowed.release(n_words)

    def generate(self, request: GenerationRequest, check: Check = lambda: None) -> Generation:
        """The next reply, word by word."""

        def take() -> None:
            assert self._allowed.acquire(timeout=SOON_S), "the test did not let the model go on"
            self.n_written += 1
            check()

        self.began.set()
        return ScriptedGenerator.generate(self, request, take)


@dataclass(frozen=True, slots=True)
class Served:
    """A world behind HTTP."""

    world: World
    backend: Backend
    client: TestClient


@contextmanager
def backend_over(world: World, **settings: object) -> Iterator[Backend]:
    """The backend with its models loaded; no thread of it is left at the end."""
    backend = open_backend(replace(world.settings, **settings), notify=lambda message: None)  # type: ignore[arg-type]
    backend.load()
    try:
        yield backend
    finally:
        backend.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("asking")]


@pytest.fixture
def served(world: World) -> Iterator[Served]:
    """The service with its models loaded; the model answers the question about the budget."""
    world.script(REPLY)
    with (
        backend_over(world) as backend,
        TestClient(create_app(backend), raise_server_exceptions=False) as client,
    ):
        yield Served(world, backend, client)


@pytest.fixture
def paced(world: World) -> PacedGenerator:
    """The world's model, which now waits for the test at every word."""
    world.generator = PacedGenerator([REPLY])
    return world.generator


@contextmanager
def listening(backend: Backend) -> Iterator[str]:
    """The address of a real server over the backend."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(create_app(backend), http=TimedProtocol, log_config=None, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(SOON_S)


def until(is_so: Callable[[], bool], seconds: float = SOON_S) -> None:
    """Waits for something that is about to happen."""
    pause = threading.Event()
    for _ in range(int(seconds * 100)):
        if is_so():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")
