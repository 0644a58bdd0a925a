"""The examples of the schema look like what the service sends."""

from typing import Any

from service.api.examples import ANSWER, COMPLETION, HITS
from tests.service.api.conftest import QUESTION, Served


def shape(value: Any) -> Any:
    """The names inside a value, whatever it holds."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value and isinstance(value[0], dict) else []
    return None


def test_an_answer(served: Served) -> None:
    answer = served.client.post("/v1/answers", json={"question": QUESTION}).json()
    assert shape(answer) == shape(ANSWER)


def test_hits(served: Served) -> None:
    assert shape(served.client.post("/v1/search", json={"query": QUESTION}).json()) == shape(HITS)


def test_a_completion(served: Served) -> None:
    body = {"model": "inyong", "messages": [{"role": "user", "content": QUESTION}]}
    assert shape(served.client.post("/v1/chat/completions", json=body).json()) == shape(COMPLETION)
