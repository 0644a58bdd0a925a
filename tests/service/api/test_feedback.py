"""Kept answers and ratings over HTTP."""

import re
from typing import Any

import pytest

from index.errors import StoreUnavailable
from service.storage.answers import Archive, UnknownAnswer
from service.storage.permissions import EVERYONE, Scope
from tests.service.api.conftest import QUESTION, Served, backend_over
from tests.service.api.test_authentication import bearer
from tests.service.conftest import World
from tests.service.storage.test_answers import ANSWER


def ask(served: Served, headers: dict[str, str] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"question": QUESTION, "history": [{"role": "user", "content": "도서관은요?"}]}
    answer: dict[str, Any] = served.client.post("/v1/answers", json=body, headers=headers).json()
    return answer


def test_an_answer_can_be_read_again_with_what_made_it(served: Served) -> None:
    answer = ask(served)
    kept = served.client.get(f"/v1/answers/{answer['id']}").json()
    assert {name: kept[name] for name in answer} == answer
    assert kept["history"] == [{"role": "user", "content": "도서관은요?"}]
    assert kept["versions"]["llm"] == "scripted"
    assert "hash-64-fingerprint" in kept["versions"]["index"]
    assert (kept["feedback"], bool(kept["asked_at"])) == (None, True)


def test_a_streamed_answer_is_kept_under_the_id_it_was_announced_with(served: Served) -> None:
    response = served.client.post("/v1/answers", json={"question": QUESTION, "stream": True})
    announced = re.search(r'"id": ?"([0-9a-f]{32})"', response.text)
    assert announced
    ident = announced[1]
    assert served.client.get(f"/v1/answers/{ident}").json()["question"] == QUESTION


def test_the_last_rating_counts(served: Served) -> None:
    ident = ask(served)["id"]
    for rating, comment in (("down", "틀림"), ("up", "다시 보니 맞음")):
        body = {"answer_id": ident, "rating": rating, "comment": comment}
        response = served.client.post("/v1/feedback", json=body)
        assert (response.status_code, response.content) == (204, b"")
    feedback = served.client.get(f"/v1/answers/{ident}").json()["feedback"]
    assert (feedback["rating"], feedback["comment"]) == ("up", "다시 보니 맞음")


def test_keys_of_one_collection_do_not_read_each_others_answers(served: Served) -> None:
    ann = bearer(served.backend.keys.add("ann", ["town"], [Scope.ASK]))
    ben = bearer(served.backend.keys.add("ben", ["town"], [Scope.ASK]))
    ident = ask(served, ann)["id"]
    assert served.client.get(f"/v1/answers/{ident}", headers=ann).status_code == 200
    hidden = served.client.get(f"/v1/answers/{ident}", headers=ben)
    missing = served.client.get(f"/v1/answers/{'0' * 32}", headers=ben)
    assert (hidden.status_code, hidden.json()) == (404, missing.json())
    rating = {"answer_id": ident, "rating": "down"}
    assert served.client.post("/v1/feedback", json=rating, headers=ben).status_code == 404


def test_a_limited_key_is_not_told_how_often_the_whole_store_changed(served: Served) -> None:
    ann = bearer(served.backend.keys.add("ann", ["town"], [Scope.ASK]))
    kept = served.client.get(f"/v1/answers/{ask(served, ann)['id']}", headers=ann).json()
    assert "index_change" not in kept["versions"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"answer_id": "x", "rating": "maybe"},
        {"answer_id": "", "rating": "up"},
        {"answer_id": "x", "rating": "up", "comment": "가" * 4001},
        {"answer_id": "x", "rating": "up", "extra": 1},
        {"answer_id": 1, "rating": "up"},
    ],
)
def test_feedback_that_makes_no_sense_is_refused(served: Served, body: dict[str, Any]) -> None:
    assert served.client.post("/v1/feedback", json=body).status_code == 422


def test_an_unknown_answer_cannot_be_rated(served: Served) -> None:
    body = {"answer_id": "0" * 32, "rating": "up"}
    assert served.client.post("/v1/feedback", json=body).status_code == 404


def test_an_answer_is_given_also_when_it_cannot_be_kept(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: object, **named: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(served.backend.archive, "keep", fail)
    answer = ask(served)
    assert answer["citations"]
    assert "could not be kept" in caplog.text
    assert QUESTION not in caplog.text


def test_answers_that_are_too_old_are_forgotten_at_the_start(world: World) -> None:
    archive = Archive(world.settings.home, keep_days=30)
    archive.keep(ANSWER, EVERYONE)
    assert archive.find(ANSWER.id, EVERYONE).id == ANSWER.id
    with backend_over(world, answer_days=0), pytest.raises(UnknownAnswer):
        archive.find(ANSWER.id, EVERYONE)
    archive.close()
