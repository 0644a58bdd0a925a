"""POST /v1/search."""

import pytest

from tests.service.api.conftest import QUESTION, Served


def test_the_best_passages_come_with_their_scores(served: Served) -> None:
    hits = served.client.post("/v1/search", json={"query": QUESTION, "k": 2}).json()["hits"]
    assert len(hits) == 2
    assert "350억" in hits[0]["text"]
    assert hits[0]["score"] > hits[1]["score"]


def test_collections_and_filters_limit_what_is_found(served: Served) -> None:
    def sources(**further: object) -> set[str]:
        response = served.client.post("/v1/search", json={"query": QUESTION, "k": 100, **further})
        return {hit["source"] for hit in response.json()["hits"]}

    assert sources() == {"library.md", "festival.md"}
    assert sources(filters={"source": "festival.md"}) == {"festival.md"}
    assert sources(collections=["elsewhere"]) == set()


@pytest.mark.parametrize("body", [{}, {"query": 5}, {"query": "예산", "k": 0}, {"query": "예산", "top": 1}])
def test_a_bad_body_is_refused(served: Served, body: object) -> None:
    assert served.client.post("/v1/search", json=body).status_code == 422
