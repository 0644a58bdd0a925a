"""Clients that do not say in time what they want, at a real server."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from service.api.server import TimedProtocol
from tests.service.api.conftest import QUESTION, REPLY, SOON_S, PacedGenerator, backend_over, listening, until
from tests.service.conftest import World


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimedProtocol, "header_timeout_s", 0.3)


@pytest.fixture
def address(world: World, hasty: None) -> Iterator[tuple[str, int]]:
    world.script(REPLY)
    with backend_over(world) as backend, listening(backend) as url:
        parsed = httpx.URL(url)
        assert parsed.port
        yield parsed.host, parsed.port


def is_closed(connection: socket.socket) -> bool:
    connection.settimeout(SOON_S)
    return connection.recv(1) == b""


def test_who_says_nothing_is_let_go(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        assert is_closed(connection)


def test_who_never_ends_the_headers_is_let_go(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: a\r\n")
        assert is_closed(connection)


def test_who_drips_a_second_request_is_let_go(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.settimeout(SOON_S)
        answer = b""
        while not answer.endswith(b"}]}"):
            answer += connection.recv(65536)
        connection.sendall(b"GET /v1")
        assert is_closed(connection)


def test_an_answer_may_take_longer_than_its_question(
    world: World, paced: PacedGenerator, hasty: None
) -> None:
    with backend_over(world) as backend, listening(backend) as address:
        body = {"question": QUESTION, "stream": True}
        with httpx.stream("POST", f"{address}/v1/answers", json=body, timeout=SOON_S) as response:
            lines = response.iter_lines()
            next(lines)
            with pytest.raises(AssertionError):  # a second passes, and the connection stays
                until(lambda: not backend.dispatcher.running, seconds=1.0)
            paced.allow(5)
            assert "event: done" in list(lines)
