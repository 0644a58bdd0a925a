"""POST /v1/answers, whole and as events."""

import json
from typing import Any

import httpx
import pytest

from service.question_queue.fair_queue import TooBusy
from tests.service.api.conftest import QUESTION, Served


def events(response: httpx.Response) -> list[tuple[int, str, Any]]:
    """Id, name and data of each event."""
    assert response.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in response.text.strip().split("\n\n"):
        number, name, data = (line.partition(": ")[2] for line in block.splitlines())
        found.append((int(number), name, json.loads(data)))
    return found


def ask(served: Served, **further: Any) -> Any:
    return served.client.post("/v1/answers", json={"question": QUESTION, **further})


def test_a_question_gets_its_cited_answer(served: Served) -> None:
    response = ask(served)
    assert response.status_code == 200
    answer = response.json()
    assert answer["answer"] == "예산은 350억 원이 들었다 [1]."
    (citation,) = answer["citations"]
    stored = served.backend.inyong.text(citation["document_id"])
    assert stored[citation["start"] : citation["end"]] == citation["quote"]


def test_streamed_it_is_told_in_order_and_ends_with_the_whole(served: Served) -> None:
    told = events(ask(served, stream=True))
    assert [number for number, _, _ in told] == [1, 2, 3, 4]
    assert [name for _, name, _ in told] == ["sources", "citation", "delta", "done"]
    sources, citation, delta, done = [data for _, _, data in told]
    assert sources["id"] == done["id"]
    assert [p["passage_id"] for p in sources["passages"]] == [p["passage_id"] for p in done["passages"]]
    assert delta["text"] == done["answer"]
    assert [citation] == done["citations"]


def test_a_failure_in_a_stream_is_a_problem(served: Served) -> None:
    served.world.script(RuntimeError("weights.gguf is gone from /secret/place"))
    *_, (_, name, problem) = events(ask(served, stream=True))
    assert (name, problem["status"], problem["title"]) == ("error", 500, "Internal Server Error")
    assert "/secret/place" not in str(problem)


def test_a_refusal_comes_before_a_stream_begins(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def turn_away(caller: str) -> None:
        raise TooBusy("too many questions are waiting; try again in 7 seconds", 7)

    monkeypatch.setattr(served.backend.queue, "reserve", turn_away)
    response = ask(served, stream=True)
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert response.headers["content-type"] == "application/problem+json"


def test_history_language_scope_and_depth_are_heeded(served: Served) -> None:
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "350억 원입니다."}]
    scope = {"collections": ["town"], "filters": {"source": "festival.md"}}
    rewritten = "축제 심사는 누가 맡았나요?"
    served.world.script(rewritten, "The judge was 정다운.")
    answer = ask(served, question="그럼 심사는?", history=history, language="en", k=1, **scope).json()
    assert answer["language"] == "en"
    assert [passage["source"] for passage in answer["passages"]] == ["festival.md"]
    assert f"Question: {rewritten}" in served.world.generator.prompts[-1][-1].content


def test_an_empty_store_holds_no_answer(served: Served) -> None:
    for document in served.backend.inyong.documents():
        served.backend.inyong.remove([document.id])
    answer = ask(served).json()
    assert (answer["abstained"], answer["abstain_reason"], answer["passages"]) == (True, "no_evidence", [])
    assert served.world.generator.prompts == []


@pytest.mark.parametrize(
    ("further", "detail"),
    [
        ({"question": "?!"}, "the question '?!' has no letter or digit"),
        ({"question": "가" * 1_000_000}, "question: "),
        ({"question": None}, "question: "),
        ({"history": [{"role": "user", "content": "가"}] * 10_000}, "history: "),
        ({"history": [{"role": "system", "content": "가"}]}, "history.0.role: "),
        ({"k": 51}, "k: "),
        ({"language": "fr"}, "language: "),
        ({"collections": ["a"] * 101}, "collections: "),
        ({"filters": {"date": 2026}}, "filters.date: "),
        ({"colections": ["a"]}, "colections: "),
    ],
)
def test_a_bad_body_is_refused_in_one_sentence_that_names_the_place(
    served: Served, further: dict[str, Any], detail: str
) -> None:
    response = ask(served, **further)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert response.json()["detail"].startswith(detail)
    assert len(response.text) < 500
