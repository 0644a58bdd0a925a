"""Who gets in, and with what rights."""

import asyncio
import threading
from dataclasses import replace

import httpx
import pytest
from fastapi.testclient import TestClient

from service.api.authentication import is_this_machine
from service.api.rate_limit import RateLimiter
from service.storage.permissions import Scope
from tests.service.api.conftest import SOON_S, Served

QUERY = {"query": "도서관 예산"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_everyone_gets_in_while_there_is_no_key(served: Served) -> None:
    assert served.client.post("/v1/search", json=QUERY).status_code == 200


def test_a_key_is_needed_from_the_moment_there_is_one(served: Served) -> None:
    key = served.backend.keys.add("ann", None, [Scope.ASK])
    refused = served.client.post("/v1/search", json=QUERY)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer KEY" in refused.json()["detail"]
    assert served.client.post("/v1/search", json=QUERY, headers=bearer(key)).status_code == 200


def test_a_revoked_key_is_refused_at_once_and_the_door_stays_shut(served: Served) -> None:
    key = served.backend.keys.add("ann", None, [Scope.ASK])
    served.backend.keys.revoke("ann")
    for headers in (bearer(key), {}):
        assert served.client.post("/v1/search", json=QUERY, headers=headers).status_code == 401


@pytest.mark.parametrize(
    "value", ["Bearer wrong", "Bearer ", "Basic YTpi", "Bearer inyong_a_b", "키", "Bearer \xff"]
)
def test_what_is_no_key_is_refused_in_the_same_way(served: Served, value: str) -> None:
    served.backend.keys.add("ann", None, [Scope.ASK])
    headers = {b"Authorization": value.encode()}
    assert served.client.post("/v1/search", json=QUERY, headers=headers).status_code == 401


def test_a_key_for_writing_alone_may_not_ask(served: Served) -> None:
    key = served.backend.keys.add("ann", None, [Scope.WRITE])
    refused = served.client.post("/v1/search", json=QUERY, headers=bearer(key))
    assert (refused.status_code, refused.json()["detail"]) == (403, "this key may not ask; it may write")


def test_openais_clients_are_told_in_their_own_way(served: Served) -> None:
    served.backend.keys.add("ann", None, [Scope.ASK])
    refused = served.client.get("/v1/models", headers=bearer("sk-none"))
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")


def test_keys_that_cannot_be_read_let_nobody_in(served: Served) -> None:
    (served.world.settings.home / "access.sqlite").write_bytes(b"no database" * 500)
    assert served.client.post("/v1/search", json=QUERY).status_code == 503


def test_a_hasty_key_is_told_when_to_come_again_and_others_are_not_held_up(served: Served) -> None:
    served.backend.rates = RateLimiter(2)
    ann = bearer(served.backend.keys.add("ann", None, [Scope.ASK]))
    ben = bearer(served.backend.keys.add("ben", None, [Scope.ASK]))
    codes = [served.client.post("/v1/search", json=QUERY, headers=ann).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    refused = served.client.post("/v1/search", json=QUERY, headers=ann)
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert served.client.post("/v1/search", json=QUERY, headers=ben).status_code == 200


def test_keys_are_checked_while_everything_else_waits(served: Served) -> None:
    served.backend.keys.add("ann", None, [Scope.ASK])
    may_go_on = threading.Event()

    async def all_at_once() -> int:
        waiting = [asyncio.ensure_future(served.backend.run(may_go_on.wait)) for _ in range(20)]
        transport = httpx.ASGITransport(served.client.app)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://box") as client:
                asked = client.post("/v1/search", json=QUERY, headers=bearer("inyong_a_b"))
                return (await asyncio.wait_for(asked, SOON_S)).status_code
        finally:
            may_go_on.set()
            await asyncio.gather(*waiting)

    assert asyncio.run(all_at_once()) == 401


def test_without_keys_a_strangers_host_name_is_refused(served: Served) -> None:
    refused = served.client.post("/v1/search", json=QUERY, headers={"Host": "evil.example:8080"})
    assert (refused.status_code, "inyong keys add" in refused.json()["detail"]) == (403, True)


def test_without_keys_a_strangers_page_may_not_post(served: Served) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert served.client.post("/v1/search", json=QUERY, headers=headers).status_code == 403


def test_with_a_key_any_host_name_will_do(served: Served) -> None:
    headers = bearer(served.backend.keys.add("ann", None, [Scope.ASK])) | {"Host": "docs.example"}
    assert served.client.post("/v1/search", json=QUERY, headers=headers).status_code == 200


def test_a_service_told_to_serve_others_takes_any_host_name(served: Served) -> None:
    served.backend.dispatcher.settings = replace(served.backend.settings, host="0.0.0.0")  # noqa: S104
    assert served.client.post("/v1/search", json=QUERY, headers={"Host": "docs.example"}).status_code == 200


def test_no_other_site_is_allowed_to_read(client_of: TestClient) -> None:
    answered = client_of.options(
        "/v1/search", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    )
    assert not [name for name in answered.headers if name.startswith("access-control")]


@pytest.fixture
def client_of(served: Served) -> TestClient:
    return served.client


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "inyong.localhost", "box"]
)
def test_this_machine(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["", "evil.example", "192.168.0.2", "localhost.evil.example", "fe80::1"])
def test_not_this_machine(host: str) -> None:
    assert not is_this_machine(host)
