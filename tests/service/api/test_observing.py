"""Request ids, and what is told of a request that is over."""

import re

import pytest

from service.api.observing import Observed
from tests.service.api.conftest import Served


@pytest.fixture
def told(served: Served, monkeypatch: pytest.MonkeyPatch) -> list[Observed]:
    seen: list[Observed] = []
    middleware = served.client.app.user_middleware[0]  # type: ignore[attr-defined]
    middleware.args[0].append(seen.append)
    return seen


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


def test_a_request_is_told_with_the_template_of_its_route(served: Served, told: list[Observed]) -> None:
    served.client.get("/v1/models?token=secret", headers={"X-Request-ID": "r1"})
    served.client.request("BREW", "/coffee/secret")
    seen = [(o.request_id, o.method, o.route, o.status) for o in told]
    assert seen[0] == ("r1", "GET", "/v1/models", 200)
    assert seen[1][1:] == ("(other)", "(none)", 404)
    assert all(0 < o.seconds < 60 for o in told)


def test_a_crash_is_told_as_500(
    served: Served, told: list[Observed], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("service.inyong.Inyong.find", crash)
    assert served.client.post("/v1/search", json={"query": "예산"}).status_code == 500
    assert [o.status for o in told] == [500]
