"""POST /v1/answers."""

from tests.service.api.conftest import QUESTION, Served


def test_a_question_gets_its_cited_answer(served: Served) -> None:
    response = served.client.post("/v1/answers", json={"question": QUESTION})
    assert response.status_code == 200
    answer = response.json()
    assert answer["answer"] == "예산은 350억 원이 들었다 [1]."
    (citation,) = answer["citations"]
    stored = served.backend.inyong.text(citation["document_id"])
    assert stored[citation["start"] : citation["end"]] == citation["quote"]


def test_a_question_that_cannot_be_asked_is_refused_in_one_sentence(served: Served) -> None:
    response = served.client.post("/v1/answers", json={"question": "?!"})
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert response.json()["detail"].startswith("the question '?!' has no letter or digit")
