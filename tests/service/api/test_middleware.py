"""Request ids, bodies that are too large or too slow, and headers on every response."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from service.api.middleware import CONTENT_SECURITY_POLICY, BodyLimits, SecurityHeaders
from tests.service.api.conftest import Served

Message = MutableMapping[str, Any]


def scope(method: str = "POST", path: str = "/v1/search", length: str | None = None) -> dict[str, Any]:
    headers = [] if length is None else [(b"content-length", length.encode())]
    return {"type": "http", "method": method, "path": path, "headers": headers}


def receive_of(*pieces: bytes, slow_s: float = 0.0) -> Any:
    messages: Iterator[Message] = iter(
        [
            {"type": "http.request", "body": piece, "more_body": n < len(pieces)}
            for n, piece in enumerate(pieces, 1)
        ]
    )

    async def receive() -> Message:
        await asyncio.sleep(slow_s)
        return next(messages, {"type": "http.disconnect"})

    return receive


async def nowhere(message: Message) -> None:
    raise AssertionError(message)


def read(where: dict[str, Any], receive: Any, **limits: Any) -> bytes:
    """What an app behind the limits reads of a body; raises what it is stopped with."""
    body = bytearray()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            body.extend(message.get("body", b""))
            more = message.get("more_body", False)

    limited = BodyLimits(app, max_upload_bytes=8, max_json_bytes=4)
    for name, value in limits.items():
        setattr(limited, name, value)
    asyncio.run(limited(where, receive, nowhere))
    return bytes(body)


def refused(where: dict[str, Any], receive: Any, **limits: Any) -> int:
    with pytest.raises(HTTPException) as caught:
        read(where, receive, **limits)
    assert caught.value.headers == {"Connection": "close"}
    return caught.value.status_code


def test_a_body_up_to_the_limit_passes() -> None:
    assert read(scope(length="4"), receive_of(b"ab", b"cd")) == b"abcd"


def test_a_body_announced_too_large_is_not_even_read() -> None:
    assert refused(scope(length="5"), nowhere) == 413


@pytest.mark.parametrize("length", [None, "4", "-1", "x", "9" * 40])
def test_a_body_that_grows_too_large_is_cut_whatever_was_announced(length: str | None) -> None:
    assert refused(scope(length=length), receive_of(b"abc", b"de", b"never asked for")) == 413


def test_an_upload_has_a_limit_of_its_own() -> None:
    place = scope("PUT", "/v1/documents/a")
    assert read(place, receive_of(b"12345678")) == b"12345678"
    assert refused(place, receive_of(b"123456789")) == 413


def test_a_body_that_stops_coming_is_given_up() -> None:
    assert refused(scope(), receive_of(b"a", slow_s=1), idle_s=0.05, total_s=5) == 408


def test_a_body_that_drips_is_given_up_in_the_end() -> None:
    drips = receive_of(*[b""] * 100, slow_s=0.03)
    assert refused(scope(), drips, idle_s=5, total_s=0.1) == 408


def test_the_end_of_the_connection_may_be_waited_for_without_limit() -> None:
    told: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        told.append((await receive())["type"])
        told.append((await receive())["type"])

    limited = BodyLimits(app, max_upload_bytes=8)
    limited.idle_s = limited.total_s = 0.2
    asyncio.run(limited(scope(), receive_of(b"abcd", slow_s=0.15), nowhere))
    assert told == ["http.request", "http.disconnect"]


def test_a_large_body_is_a_problem_describe(served: Served) -> None:
    answered = served.client.post("/v1/search", content=b" " * 4_000_001)
    assert (answered.status_code, answered.headers["content-type"]) == (413, "application/problem+json")
    assert answered.json()["detail"] == "the body is larger than 4 MB"


def test_a_large_body_of_unknown_length_is_a_problem_too(served: Served) -> None:
    pieces = (b" " * 1_000_000 for _ in range(10))
    assert served.client.post("/v1/search", content=pieces).status_code == 413


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing", "/", "/nothing"])
def test_every_response_has_the_headers(served: Served, path: str) -> None:
    headers = served.client.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
    assert (headers.get("cache-control") == "no-store") == path.startswith("/v1/")


def test_an_error_of_ours_has_the_headers_too(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(served.backend.archive, "find", fail)
    answered = served.client.get("/v1/answers/1")
    assert answered.status_code == 500
    assert answered.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    for word in ("unsafe", "http", "*"):
        assert word not in CONTENT_SECURITY_POLICY


def test_a_stream_passes_piece_by_piece_and_its_own_headers_stay() -> None:
    sent: list[Message] = []

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"a", b"b"):
            assert len(sent) == 1 + (piece == b"b")  # what came before is out already
            yield piece

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-security-policy", b"mine")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for piece in pieces():
            await send({"type": "http.response.body", "body": piece, "more_body": True})

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(SecurityHeaders(app)(scope(), receive_of(b""), send))
    policies = [value for name, value in sent[0]["headers"] if name == b"content-security-policy"]
    assert policies == [b"mine"]


# Request ids


def test_a_sane_request_id_is_kept(served: Served) -> None:
    response = served.client.get("/healthz", headers={"X-Request-ID": "gateway-7:b2.c_d"})
    assert response.headers["X-Request-ID"] == "gateway-7:b2.c_d"


@pytest.mark.parametrize("given", [None, "", "a" * 65, "a b", 'a"b', "<script>", "-a", "é".encode()])
def test_any_other_is_replaced_by_a_new_one(served: Served, given: str | bytes | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    ids = [served.client.get("/healthz", headers=headers).headers["X-Request-ID"] for _ in range(2)]  # type: ignore[arg-type]
    assert all(re.fullmatch(r"[0-9a-f]{32}", identity) for identity in ids)
    assert ids[0] != ids[1]


def test_a_refusal_has_its_id_too(served: Served) -> None:
    assert served.client.get("/nothing", headers={"X-Request-ID": "r1"}).headers["X-Request-ID"] == "r1"
