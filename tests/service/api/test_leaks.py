"""A key limited to one collection probes every route for documents, answers and counts of another.

Each probe is sent twice: at what really exists out of the key's sight, and at what does not exist at all.
Nothing of the hidden collection may come back, and both responses must be the same.
"""

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI

from index.indexing.origin import upload_id
from service.storage.permissions import Scope
from tests.service.api.conftest import Served
from tests.service.api.test_authentication import bearer
from tests.service.storage.test_uploads import wait_for

HIDDEN_TEXT = "# 비밀계획\n\n비밀계획의 예산은 77억 원이다. 푸른숲 도서관과 경쟁한다.\n"
MARKS = ("비밀계획", "77억", "hidden-plan", "hidden-file")
OWN = ("library.md", "festival.md")
VOLATILE = {"id", "created", "timings_ms", "usage"}


@dataclass(frozen=True, slots=True)
class Target:
    """What is probed: ids and names, of things that exist or of none."""

    collection: str
    document_id: str
    key: str
    file_id: str
    job_id: str
    answer_id: str

    def names(self) -> tuple[str, ...]:
        """Everything a prober says itself, which coming back tells it nothing."""
        return (self.collection, self.document_id, self.key, self.file_id, self.job_id, self.answer_id)

    @property
    def cursor(self) -> str:
        """A place just before the collection's first document."""
        place = json.dumps([self.collection, "", ""])
        return base64.urlsafe_b64encode(place.encode()).decode()


NOTHING = Target("closed-0", "0" * 16, "no-such-key", "1" * 16, "2" * 32, "3" * 32)


@dataclass(frozen=True, slots=True)
class Probe:
    """One request. route: the path as the app declares it."""

    method: str
    route: str
    path: str
    sent: dict[str, Any] = field(default_factory=dict)


def question(route: str, name: str, body: dict[str, Any]) -> list[Probe]:
    """A body that asks, whole and as a stream where that is possible."""
    whole = Probe("POST", route, route, {"json": body})
    if name == "query":
        return [whole]
    return [whole, Probe("POST", route, route, {"json": body | {"stream": True}})]


def probes(target: Target) -> list[Probe]:
    """Every way to touch the target, by route."""
    asked = "예산은 77억 원인가요?"
    scopes: list[dict[str, Any]] = [
        {},
        {"collections": [target.collection]},
        {"collections": ["town", target.collection]},
        {"filters": {"collection": target.collection}},
        {"filters": {"id": target.document_id}},
        {"filters": {"id": target.file_id}},
    ]
    found: list[Probe] = []
    for scope in scopes:
        found += question("/v1/search", "query", {"query": asked, **scope})
        found += question("/v1/answers", "question", {"question": asked, **scope})
        chat = {"model": "inyong", "messages": [{"role": "user", "content": asked}], "rag": scope}
        found += question("/v1/chat/completions", "messages", chat)
    document, text = "/v1/documents/{id}", "/v1/documents/{id}/text"
    for params in ({}, {"collection": target.collection}, {"collection": "town"}):
        for ident in (target.document_id, target.key, target.file_id):
            place = f"/v1/documents/{ident}"
            found += [
                Probe("GET", document, place, {"params": params}),
                Probe("GET", text, f"{place}/text", {"params": {**params, "start": "0", "end": "9"}}),
                Probe("DELETE", document, place, {"params": params}),
            ]
        found.append(Probe("GET", "/v1/documents", "/v1/documents", {"params": {**params, "limit": "200"}}))
        cursor = {**params, "cursor": target.cursor}
        found.append(Probe("GET", "/v1/documents", "/v1/documents", {"params": cursor}))
    for ident in (target.document_id, target.key, target.file_id):
        for params in ({}, {"collection": target.collection}):
            sent = {
                "params": {**params, "name": "mine.md"},
                "content": "# 내 글\n\n덮어쓴 글이다.\n".encode(),
            }
            found.append(Probe("PUT", document, f"/v1/documents/{ident}", sent))
    rating = {"answer_id": target.answer_id, "rating": "down", "comment": "남의 답"}
    return [
        *found,
        Probe("GET", "/v1/collections", "/v1/collections"),
        Probe("GET", "/v1/jobs/{id}", f"/v1/jobs/{target.job_id}"),
        Probe("GET", "/v1/answers/{id}", f"/v1/answers/{target.answer_id}"),
        Probe("POST", "/v1/feedback", "/v1/feedback", {"json": rating}),
        Probe("GET", "/v1/models", "/v1/models"),
        Probe("GET", "/v1/models/{name}", "/v1/models/inyong"),
    ]


@dataclass(frozen=True, slots=True)
class Two:
    """A service with two collections, a key for each, and what the second one must not learn of."""

    served: Served
    prober: dict[str, str]
    owner: dict[str, str]
    target: Target

    def send(self, probe: Probe) -> tuple[int, str]:
        """Status and body, as the prober gets them."""
        response = self.served.client.request(probe.method, probe.path, headers=self.prober, **probe.sent)
        return response.status_code, response.text


@pytest.fixture
def two(served: Served) -> Two:
    keys, client = served.backend.keys, served.client
    prober = bearer(keys.add("prober", ["town"], list(Scope)))
    owner = bearer(keys.add("owner", ["closed-7"], list(Scope)))
    hidden = served.world.documents.parent / "hidden"
    hidden.mkdir()
    (hidden / "hidden-file.md").write_text(
        "# 비밀계획 부록\n\n부록의 예산은 77억 원이다.\n", encoding="utf-8"
    )
    served.backend.inyong.index([hidden], collection="closed-7")
    sent = client.put(
        "/v1/documents/hidden-key?name=hidden-plan.md", content=HIDDEN_TEXT.encode(), headers=owner
    )
    job = sent.json()["job"]
    wait_for(lambda: client.get(f"/v1/jobs/{job['id']}", headers=owner).json()["state"] == "done")
    served.world.script("비밀계획의 예산은 77억 원이다.")
    answer = client.post("/v1/answers", json={"question": "비밀계획의 예산은?"}, headers=owner).json()
    assert answer["citations"], answer
    served.world.script("예산은 350억 원이 들었다.")
    (file_id,) = [d.id for d in served.backend.inyong.documents() if d.source == "hidden-file.md"]
    document_id = upload_id("closed-7", "hidden-key")
    target = Target("closed-7", document_id, "hidden-key", file_id, job["id"], answer["id"])
    return Two(served, prober, owner, target)


def normal(body: str, target: Target) -> Any:
    """The body without what the prober said itself, and without what differs from one request to the next."""
    for number, name in enumerate(target.names()):
        body = body.replace(name, f"<{number}>")
    try:
        return without_volatile(json.loads(body))
    except ValueError:
        return [without_volatile(json.loads(line)) for line in re.findall(r"^data: (\{.*\})", body, re.M)]


def without_volatile(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_volatile(item) for name, item in value.items() if name not in VOLATILE}
    return [without_volatile(item) for item in value] if isinstance(value, list) else value


def test_every_route_of_the_interface_is_probed(two: Two) -> None:
    app = two.served.client.app
    assert isinstance(app, FastAPI)
    declared = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/v1")
    }
    assert declared == {(probe.method, probe.route) for probe in probes(NOTHING)}


def test_no_probe_learns_anything_of_another_collection(two: Two) -> None:
    leaks: list[str] = []
    for real, imagined in zip(probes(two.target), probes(NOTHING), strict=True):
        if real.method == "PUT":
            continue  # writes; probed alone below
        (status, body), (status_of_none, body_of_none) = two.send(real), two.send(imagined)
        said = json.dumps(real.sent, default=str, ensure_ascii=False) + real.path
        shown = [mark for mark in (*MARKS, *two.target.names()) if mark in body and mark not in said]
        if shown:
            leaks.append(f"{real}: shows {shown}")
        if status != status_of_none or normal(body, two.target) != normal(body_of_none, NOTHING):
            leaks.append(f"{real}: {status} {body[:300]} against {status_of_none} {body_of_none[:300]}")
    assert leaks == []


def test_what_the_prober_owns_it_still_finds(two: Two) -> None:
    listed = two.served.client.get("/v1/documents", headers=two.prober).json()
    assert sorted(document["source"] for document in listed["documents"]) == sorted(OWN)
    counted = two.served.client.get("/v1/collections", headers=two.prober).json()
    assert counted == {"collections": [{"name": "town", "documents": 2}]}


def test_no_probe_changes_anything_of_another_collection(two: Two) -> None:
    def hidden() -> list[Any]:
        documents = two.served.backend.inyong.documents()
        return [(d.id, d.sha256) for d in documents if d.collection == "closed-7"]

    before = hidden()
    assert len(before) == 2
    jobs = []
    for real, imagined in zip(probes(two.target), probes(NOTHING), strict=True):
        status, body = two.send(real)
        if real.method == "PUT":
            status_of_none, body_of_none = two.send(imagined)
            assert status == status_of_none, (real, body, body_of_none)
            jobs += [json.loads(text)["job"]["id"] for text in (body, body_of_none) if '"job"' in text]
    for job in jobs:
        wait_for(lambda job=job: two.send(Probe("GET", "", f"/v1/jobs/{job}"))[1].count('"done"') == 1)  # type: ignore[misc]
    assert hidden() == before
    own = two.served.client.get("/v1/documents?collection=town", headers=two.prober).json()["documents"]
    assert {document["collection"] for document in own} == {"town"}
    kept = two.served.client.get(f"/v1/answers/{two.target.answer_id}", headers=two.owner).json()
    assert (kept["feedback"], kept["citations"][0]["source"]) == (None, "hidden-plan.md")


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/static/"]
)
def test_what_is_not_of_the_interface_tells_nothing_either(two: Two, path: str) -> None:
    for headers in (two.prober, {}):
        body = two.served.client.get(path, headers=headers).text
        assert not [mark for mark in (*MARKS, *two.target.names()) if mark in body]


def test_without_a_key_every_route_is_shut(two: Two) -> None:
    for probe in probes(two.target):
        response = two.served.client.request(probe.method, probe.path, **probe.sent)
        assert response.status_code == 401, probe


def test_a_key_for_asking_cannot_write_and_one_for_writing_cannot_read(two: Two) -> None:
    keys = two.served.backend.keys
    asker = bearer(keys.add("asker", ["closed-7"], [Scope.ASK]))
    writer = bearer(keys.add("writer", ["closed-7"], [Scope.WRITE]))
    for probe in probes(two.target):
        writes = probe.method in ("PUT", "DELETE")
        if probe.route == "/v1/jobs/{id}":
            continue  # for both
        headers = asker if writes else writer
        response = two.served.client.request(probe.method, probe.path, headers=headers, **probe.sent)
        assert response.status_code == 403, probe


def test_no_answer_and_no_score_tells_what_stands_in_another_collection(served: Served) -> None:
    prober = bearer(served.backend.keys.add("prober", ["town"], list(Scope)))

    def seen() -> list[Any]:
        asked = [
            served.client.post("/v1/search", json={"query": "비밀계획 도서관 예산"}, headers=prober),
            served.client.post("/v1/answers", json={"question": "도서관의 예산은?"}, headers=prober),
            served.client.get("/v1/documents", headers=prober),
            served.client.get("/v1/collections", headers=prober),
        ]
        return [without_volatile(response.json()) for response in asked]

    before = seen()
    hidden = served.world.documents.parent / "hidden"
    hidden.mkdir()
    for number in range(12):
        (hidden / f"{number}.md").write_text(f"비밀계획 {number}호의 도서관 예산이다.\n", encoding="utf-8")
    served.backend.inyong.index([hidden], collection="closed-7")
    assert seen() == before
