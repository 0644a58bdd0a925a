"""GET /healthz and /readyz."""

import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from index.errors import StoreUnavailable
from service.api.app import create_app
from service.api.backend import open_backend
from service.inyong import Inyong
from tests.service.api.conftest import Served
from tests.service.conftest import World


def readiness(served: Served) -> tuple[int, dict[str, str]]:
    """The status, and of each check that is not well what it found."""
    response = served.client.get("/readyz")
    body: dict[str, Any] = response.json()
    assert list(body["checks"]) == ["models", "store", "indexes", "queue"]
    bad = {name: check["finding"] for name, check in body["checks"].items() if not check["ok"]}
    assert body["ready"] is (not bad)
    return response.status_code, bad


def test_a_service_that_can_answer_is_ready(served: Served) -> None:
    assert readiness(served) == (200, {})


def test_a_service_that_loads_its_models_lives_but_is_not_ready(world: World) -> None:
    backend = open_backend(world.settings, notify=lambda message: None)
    with TestClient(create_app(backend)) as client:
        assert client.get("/healthz").json() == {"status": "alive"}
        status, bad = readiness(Served(world, backend, client))
    assert (status, bad) == (503, {"models": "being loaded", "indexes": "being loaded"})


def test_a_full_queue_is_not_ready(served: Served) -> None:
    turns = served.backend.queue
    tickets = [turns.reserve(f"caller {number}") for number in range(turns.n_places)]
    assert readiness(served) == (503, {"queue": "full"})
    for ticket in tickets:
        ticket.release()
    assert readiness(served) == (200, {})


def test_a_service_that_is_being_stopped_is_not_ready(served: Served) -> None:
    served.backend.queue.close()
    assert readiness(served) == (503, {"queue": "closed: the service is being stopped"})


def test_what_another_process_indexed_is_taken_over(served: Served, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# 가온 서점\n\n가온 서점은 저녁 여덟 시에 닫는다.\n", encoding="utf-8")
    with served.world.open() as other:
        other.index([page])
    assert readiness(served) == (200, {})


def test_indexes_that_stay_behind_are_not_ready(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Inyong, "catch_up", lambda self: False)
    assert readiness(served) == (503, {"indexes": "behind the store"})


@pytest.mark.parametrize("error", [StoreUnavailable("/secret/store.sqlite: gone"), OSError("/secret: gone")])
def test_a_store_that_fails_is_not_ready_and_no_file_is_named(
    served: Served, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(self: Inyong) -> bool:
        raise error

    monkeypatch.setattr(Inyong, "catch_up", fail)
    assert readiness(served) == (503, {"indexes": "failed; see the log of the service"})


def test_a_check_that_hangs_is_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.monitoring._TIMEOUT_S", 0.05)
    gate = threading.Event()
    monkeypatch.setattr(Inyong, "catch_up", lambda self: gate.wait(5))
    assert readiness(served) == (503, {"indexes": "no result within 0.05 seconds"})
    gate.set()


def test_checks_that_hang_take_one_thread_between_them(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.monitoring._TIMEOUT_S", 0.05)
    gate, begun = threading.Event(), []

    def hang(self: Inyong) -> bool:
        begun.append(threading.current_thread())
        return gate.wait(5)

    monkeypatch.setattr(Inyong, "catch_up", hang)
    for _ in range(10):
        assert readiness(served) == (503, {"indexes": "no result within 0.05 seconds"})
    assert served.client.get("/v1/collections").status_code == 200
    gate.set()
    assert len(begun) == 1
