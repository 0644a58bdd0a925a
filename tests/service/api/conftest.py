"""The service over a small store made with the fakes, asked without a network."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from service.api.app import create_app
from service.api.backend import Backend, open_backend
from tests.service.conftest import World

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"


@dataclass(frozen=True, slots=True)
class Served:
    """A world behind HTTP."""

    world: World
    backend: Backend
    client: TestClient


@pytest.fixture
def served(world: World) -> Iterator[Served]:
    """The service with its models loaded; the model answers the question about the budget."""
    world.script("예산은 350억 원이 들었다.")
    backend = open_backend(world.settings, notify=lambda message: None)
    backend.load()
    with TestClient(create_app(backend), raise_server_exceptions=False) as client:
        yield Served(world, backend, client)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("asking")]
