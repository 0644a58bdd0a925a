"""Clients that misbehave on a real connection: too much, too slowly, half, or gone."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from service.api.middleware import BodyLimits
from tests.service.api.conftest import SOON_S, backend_over, listening
from tests.service.conftest import World
from tests.service.storage.test_uploads import jobs_with_bytes

CHUNK = b"a" * 100_000


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Of a real server that takes documents up to 1 MB."""
    with backend_over(world, max_file_mb=1) as backend, listening(backend) as found:
        yield found


@contextmanager
def connection(address: str) -> Iterator[socket.socket]:
    place = urlsplit(address)
    assert place.hostname
    with socket.create_connection((place.hostname, place.port), timeout=SOON_S) as opened:
        yield opened


def head(address: str, *headers: str, path: str = "/v1/documents/crane?name=crane.md") -> bytes:
    lines = [f"PUT {path} HTTP/1.1", f"Host: {urlsplit(address).netloc}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def read_all(opened: socket.socket) -> bytes:
    """Everything up to the end of the connection."""
    received = b""
    while piece := opened.recv(65536):
        received += piece
    return received


def test_a_body_announced_too_large_is_refused_before_it_is_sent(address: str, world: World) -> None:
    with connection(address) as opened:
        opened.sendall(head(address, "Content-Length: 99000000", "Expect: 100-continue"))
        answer = read_all(opened)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer
    assert jobs_with_bytes(world.settings.home) == []


def test_a_body_of_unknown_length_is_refused_while_it_comes(address: str, world: World) -> None:
    with connection(address) as opened:
        opened.sendall(head(address, "Transfer-Encoding: chunked"))
        for _ in range(11):
            opened.sendall(b"%x\r\n%s\r\n" % (len(CHUNK), CHUNK))
        answer = read_all(opened)  # the last chunk was never sent
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert jobs_with_bytes(world.settings.home) == []


def test_a_body_that_stops_half_way_is_given_up(
    address: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BodyLimits, "idle_s", 0.3)
    with connection(address) as opened:
        opened.sendall(head(address, "Content-Length: 1000") + b"half")
        answer = read_all(opened)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert jobs_with_bytes(world.settings.home) == []


def test_an_upload_that_is_broken_off_leaves_nothing(address: str, world: World) -> None:
    with connection(address) as opened:
        opened.sendall(head(address, "Content-Length: 900000") + CHUNK)
    assert jobs_with_bytes(world.settings.home) == []
    assert httpx.get(f"{address}/v1/documents/crane").status_code == 404


def test_a_path_that_climbs_is_not_followed(address: str, world: World) -> None:
    for path in ("/v1/documents/../../etc/passwd", "/v1/documents/..%2f..%2fetc%2fpasswd", "//etc/passwd"):
        with connection(address) as opened:
            opened.sendall(head(address, "Content-Length: 1", "Connection: close", path=path) + b"x")
            assert read_all(opened).split()[1] in (b"404", b"405", b"422"), path
    assert jobs_with_bytes(world.settings.home) == []


def test_the_server_goes_on_after_all_that(address: str) -> None:
    for garbage in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", head(address, "Content-Length: -1") + b"x"):
        with connection(address) as opened:
            opened.sendall(garbage)
            opened.shutdown(socket.SHUT_WR)
            read_all(opened)
    assert httpx.get(f"{address}/v1/documents").status_code == 200
