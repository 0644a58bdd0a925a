"""Documents over HTTP: upload, look, read, page through, delete; and what is refused."""

import base64
import json
import threading
from typing import Any

import pytest

from index.indexing.indexer import Upload
from service.api.problems import Problem
from service.storage.permissions import Scope
from tests.service.api.conftest import Served
from tests.service.api.test_authentication import bearer
from tests.service.storage.test_uploads import jobs_with_bytes, wait_for

CRANE = "# 두루미\n\n두루미 서식지는 강변이다.\n".encode()


def put(served: Served, ident: str = "crane", data: Any = CRANE, **params: str) -> Any:
    return served.client.put(f"/v1/documents/{ident}", params={"name": "crane.md", **params}, content=data)


def done(served: Served, response: Any) -> dict[str, Any]:
    """The job of an accepted upload, at its end."""
    place = response.headers["location"]
    wait_for(lambda: served.client.get(place).json()["state"] in ("done", "failed"))
    job: dict[str, Any] = served.client.get(place).json()
    uploads = served.backend.uploads
    wait_for(lambda: uploads._running is None or uploads._running[0] != job["id"])  # tidied up too
    return job


def left(served: Served) -> list[str]:
    return jobs_with_bytes(served.world.settings.home)


def test_an_upload_is_accepted_indexed_found_and_read_again(served: Served) -> None:
    response = put(served)
    assert response.status_code == 202
    accepted = response.json()["job"]
    assert (accepted["state"] in ("queued", "running", "done"), accepted["reason"]) == (True, None)
    job = done(served, response)
    assert (job["state"], job["progress"]) == ("done", 1.0)
    hit = served.client.post("/v1/search", json={"query": "두루미 서식지", "k": 1}).json()["hits"][0]
    assert (hit["document_id"], hit["source"]) == (job["document_id"], "crane.md")
    for ident in ("crane", job["document_id"]):
        known = served.client.get(f"/v1/documents/{ident}").json()
        assert (known["id"], known["uploaded_as"]) == (job["document_id"], "crane")
        assert (known["collection"], known["title"], known["passages"]) == ("default", "두루미", 1)
        span = {"start": hit["start"], "end": hit["end"]}
        text = served.client.get(f"/v1/documents/{ident}/text", params=span).json()
        assert (text["text"], text["characters"]) == (hit["text"], known["characters"])


def test_the_same_bytes_again_are_200_and_change_nothing(served: Served) -> None:
    done(served, put(served))
    last = served.backend.inyong.catalog().last_change()
    again = put(served)
    assert (again.status_code, again.json()["job"]["state"]) == (200, "done")
    assert served.client.get(again.headers["location"]).json() == again.json()["job"]
    assert served.backend.inyong.catalog().last_change() == last


def test_other_bytes_replace_the_document_by_either_id(served: Served) -> None:
    job = done(served, put(served))
    done(served, put(served, data="둘째 판이다.".encode()))
    assert done(served, put(served, job["document_id"], "셋째 판이다.".encode()))["state"] == "done"
    assert served.client.get("/v1/documents/crane/text").json()["text"] == "셋째 판이다."
    listed = served.client.get("/v1/documents?collection=default").json()["documents"]
    assert [document["id"] for document in listed] == [job["document_id"]]


def test_the_name_is_the_id_when_it_is_left_out(served: Served) -> None:
    response = served.client.put("/v1/documents/crane.txt", content=CRANE)
    done(served, response)
    assert served.client.get("/v1/documents/crane.txt").json()["source"] == "crane.txt"


def test_a_document_of_a_file_is_not_overwritten_by_an_upload(served: Served) -> None:
    (library,) = [d for d in served.backend.inyong.documents() if d.source == "library.md"]
    assert put(served, library.id, collection="town").status_code == 409
    assert served.backend.inyong.document("library.md").sha256 == library.sha256


@pytest.mark.parametrize(
    "ident",
    [
        "..",
        ".hidden",
        "a/b",
        "%2e%2e%2fetc",
        "..%2f..%2fpasswd",
        "a%00b",
        "a b",
        "가",
        "x" * 129,
        "a%5cb",
        "-;drop",
    ],
)
def test_a_hostile_id_goes_nowhere(served: Served, ident: str) -> None:
    for method in ("PUT", "GET", "DELETE"):
        response = served.client.request(
            method, f"/v1/documents/{ident}", params={"name": "a.md"}, content=CRANE
        )
        assert response.status_code in (404, 405, 422), (method, response.text)
    assert left(served) == []


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.md",
        "/etc/passwd.md",
        "..\\..\\boot.md",
        "a\x00.md",
        "a\n.md",
        "\u202egpj.md",
        " a.md",
        "a.md ",
        "x" * 198 + ".md",
        "",
    ],
)
def test_a_hostile_name_is_refused(served: Served, name: str) -> None:
    response = put(served, name=name)
    assert (response.status_code, left(served)) == (422, [])
    assert response.json()["detail"].startswith("the query parameter name")


def test_a_korean_name_with_spaces_is_an_ordinary_one(served: Served) -> None:
    done(served, put(served, name="회의록 (3월) v1.0.md"))
    assert served.client.get("/v1/documents/crane").json()["source"] == "회의록 (3월) v1.0.md"


@pytest.mark.parametrize("name", ["crane.exe", "crane", "crane.md.zip", "md"])
def test_a_format_that_is_not_read_is_415(served: Served, name: str) -> None:
    response = put(served, name=name)
    assert (response.status_code, left(served)) == (415, [])
    assert ".md" in response.json()["detail"]


def test_an_empty_body_is_refused(served: Served) -> None:
    assert put(served, data=b"").status_code == 422
    assert left(served) == []


def test_bytes_that_are_no_text_fail_in_the_job_with_a_reason(served: Served) -> None:
    job = done(served, put(served, data=b"\x7fELF\x00\x01\x02\x03" * 99))
    assert (job["state"], bool(job["reason"]), left(served)) == ("failed", True, [])
    assert served.client.get("/v1/documents/crane").status_code == 404


@pytest.mark.parametrize("is_announced", [True, False])
def test_too_large_a_document_is_413_announced_or_not(served: Served, is_announced: bool) -> None:
    most = served.world.settings.max_file_mb * 1_000_000
    data = b"a" * (most + 1)
    pieces = (data[at : at + 1_000_000] for at in range(0, len(data), 1_000_000))
    response = put(served, data=data if is_announced else pieces)
    assert (response.status_code, left(served)) == (413, [])
    assert "max_file_mb" in response.json()["detail"]


def test_concurrent_uploads_of_one_id_leave_one_whole_document(served: Served) -> None:
    texts = [f"{n}째 판이다." for n in range(6)]
    responses: list[Any] = []
    threads = [
        threading.Thread(target=lambda text=text: responses.append(put(served, data=text.encode())))
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {response.status_code for response in responses} <= {200, 202}
    for response in responses:
        assert done(served, response)["state"] == "done"
    assert served.client.get("/v1/documents/crane/text").json()["text"] in texts
    assert len(served.client.get("/v1/documents?collection=default").json()["documents"]) == 1


def test_a_deleted_document_is_gone_from_lists_and_searches(served: Served) -> None:
    done(served, put(served))
    assert served.client.delete("/v1/documents/crane").status_code == 204
    assert served.client.get("/v1/documents/crane").status_code == 404
    hits = served.client.post("/v1/search", json={"query": "두루미 서식지"}).json()["hits"]
    assert "crane.md" not in {hit["source"] for hit in hits}
    assert served.client.delete("/v1/documents/crane").status_code == 404


def stop_indexing(served: Served) -> None:
    """What is uploaded from now on waits."""
    served.backend.uploads._stopping.set()
    assert served.backend.uploads._thread is not None
    served.backend.uploads._wake.set()
    served.backend.uploads._thread.join(10)


def test_a_document_can_be_deleted_before_it_is_indexed(served: Served) -> None:
    stop_indexing(served)
    response = put(served)
    assert served.client.delete("/v1/documents/crane").status_code == 204
    job = served.client.get(response.headers["location"]).json()
    assert (job["state"], "deleted" in job["reason"], left(served)) == ("failed", True, [])


def test_a_document_that_comes_in_while_it_is_deleted_is_gone_too(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_indexing(served)
    put(served)

    def miss_it(*arguments: object) -> None:
        served.backend.inyong.indexer().index_bytes(Upload("default", "crane", "crane.md", CRANE))
        raise Problem(404, "no such document")

    with monkeypatch.context() as patch:
        patch.setattr("service.api.documents.find_document", miss_it)
        assert served.client.delete("/v1/documents/crane").status_code == 204
    assert served.client.get("/v1/documents/crane").status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1/documents/nothing", "/v1/documents/nothing/text", f"/v1/jobs/{'0' * 32}"]
)
def test_unknown_ids_are_404(served: Served, path: str) -> None:
    response = served.client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_one_id_in_two_collections_must_be_told_apart(served: Served) -> None:
    for collection in ("a", "b"):
        done(served, put(served, data=f"{collection} 글이다.".encode(), collection=collection))
    assert served.client.get("/v1/documents/crane").status_code == 409
    assert served.client.delete("/v1/documents/crane").status_code == 409
    found = served.client.get("/v1/documents/crane/text", params={"collection": "b"}).json()
    assert found["text"] == "b 글이다."


def test_a_key_of_one_collection_writes_there_unless_told_otherwise(served: Served) -> None:
    headers = bearer(served.backend.keys.add("ann", ["reports"], list(Scope)))
    url = "/v1/documents/crane?name=crane.md"
    assert served.client.put(url, content=CRANE, headers=headers).status_code == 202
    wait_for(lambda: served.client.get("/v1/documents/crane", headers=headers).status_code == 200)
    known = served.client.get("/v1/documents/crane", headers=headers).json()
    assert known["collection"] == "reports"
    for collection in ("town", "nothing"):  # one exists, one does not: no difference
        refused = served.client.put(f"{url}&collection={collection}", content=CRANE, headers=headers)
        assert refused.status_code == 403
        assert refused.json()["detail"] == f"this key may not write to the collection '{collection}'"


# Lists


def test_pages_joined_are_the_whole_list(served: Served) -> None:
    sources: list[str] = []
    params: dict[str, Any] = {"limit": 1}
    while True:
        page = served.client.get("/v1/documents", params=params).json()
        assert len(page["documents"]) == 1
        sources += [document["source"] for document in page["documents"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert sources == ["festival.md", "library.md"]


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "가",
        "!!!!",
        encoded([]),
        encoded(["a", "b"]),
        encoded(["a", "b", 3]),
        encoded(["a", "b", None]),
        encoded({"a": 1, "b": 2, "c": 3}),
        encoded("abc"),
        encoded(["\ud800", "b", "c"]),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
        encoded(7),
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(served: Served, cursor: str) -> None:
    response = served.client.get("/v1/documents", params={"cursor": cursor})
    assert (response.status_code, "cursor" in response.json()["detail"]) == (422, True)


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 201}, {"limit": "x"}, {"collection": ""}])
def test_a_list_is_bounded(served: Served, params: dict[str, Any]) -> None:
    assert served.client.get("/v1/documents", params=params).status_code == 422


def test_a_collection_without_documents_lists_none(served: Served) -> None:
    empty: dict[str, Any] = {"documents": [], "next": None}
    assert served.client.get("/v1/documents", params={"collection": "nothing"}).json() == empty


def test_collections_are_counted(served: Served) -> None:
    done(served, put(served, collection="animals"))
    assert served.client.get("/v1/collections").json() == {
        "collections": [{"name": "animals", "documents": 1}, {"name": "town", "documents": 2}]
    }


# Texts


def test_a_span_is_cut_by_code_points_and_says_where_it_ends(served: Served) -> None:
    document = served.backend.inyong.document("library.md")
    whole = served.backend.inyong.text(document.id)
    place = f"/v1/documents/{document.id}/text"
    for start, end in ((0, 5), (3, 9), (3, 10**9), (len(whole), len(whole) + 5), (10**9, 10**9 + 1)):
        found = served.client.get(place, params={"start": start, "end": end}).json()
        assert found["text"] == whole[start:end]
        assert found["end"] == start + len(found["text"])
    assert served.client.get(place).json()["text"] == whole


@pytest.mark.parametrize("params", [{"start": -1}, {"end": -1}, {"start": 5, "end": 4}, {"start": 10**30}])
def test_a_span_that_makes_no_sense_is_refused(served: Served, params: dict[str, int]) -> None:
    document = served.backend.inyong.document("library.md")
    assert served.client.get(f"/v1/documents/{document.id}/text", params=params).status_code == 422


def test_a_very_long_text_comes_in_parts(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.documents.MAX_TEXT_CHARS", 10)
    document = served.backend.inyong.document("library.md")
    found = served.client.get(f"/v1/documents/{document.id}/text").json()
    assert (len(found["text"]), found["end"], found["characters"]) == (10, 10, document.characters)
