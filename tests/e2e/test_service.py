"""The service with the real models, started as people start it and asked by OpenAI's own client."""

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

from service import Inyong
from tests.e2e.serving import SOON_S, serving

pytestmark = pytest.mark.models

QUESTION = "선정된 지역은 어디이고 예산은 얼마인가요?"


@pytest.fixture(scope="module")
def address(sample: Inyong) -> Iterator[str]:
    """One running server over the sample documents, its models loaded."""
    with serving(sample.settings.home) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", timeout=SOON_S) as client:
        yield client


def complete(client: openai.OpenAI, *contents: str, **rag: Any) -> ChatCompletion:
    """The completion of a conversation in which user and assistant take turns."""
    messages: list[ChatCompletionMessageParam] = [
        {"role": "assistant", "content": content} if n % 2 else {"role": "user", "content": content}
        for n, content in enumerate(contents)
    ]
    return client.chat.completions.create(model="inyong", messages=messages, extra_body={"rag": rag})


def rag_of(completion: ChatCompletion) -> Any:
    return (completion.model_extra or {})["rag"]


@pytest.fixture(scope="module")
def whole(client: openai.OpenAI) -> ChatCompletion:
    return complete(client, QUESTION)


def test_a_completion_is_right_and_its_quotes_are_exact(whole: ChatCompletion, sample: Inyong) -> None:
    text = whole.choices[0].message.content or ""
    for expected in ("경남", "대구", "울산", "전남", "제주", "350억"):
        assert expected in text
    rag = rag_of(whole)
    assert rag["citations"]
    for citation in rag["citations"]:
        stored = sample.text(citation["document_id"], citation["start"], citation["end"])
        assert stored == citation["quote"]
    markers = {int(marker) for marker in re.findall(r"\[(\d+)\]", text)}
    assert markers
    assert markers <= {citation["marker"] for citation in rag["citations"]}
    assert rag["grounding"]["supported_sentences"] == rag["grounding"]["sentences"] > 0
    assert whole.usage is not None
    assert whole.usage.completion_tokens > 0


def test_a_stream_says_the_same_sources_first(client: openai.OpenAI, whole: ChatCompletion) -> None:
    chunks = list(
        client.chat.completions.create(
            model="inyong", messages=[{"role": "user", "content": QUESTION}], stream=True
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert (chunks[0].model_extra or {})["rag"]["sources"]
    assert (chunks[-1].model_extra or {})["rag"]["citations"] == rag_of(whole)["citations"]


def test_a_follow_up_is_understood(client: openai.OpenAI) -> None:
    asked = "지역 주도형 AI 대전환 사업에 선정된 지역은 어디인가요?"
    answered = "경남, 대구, 울산, 전남, 제주입니다 [1]."
    assert "350억" in (complete(client, asked, answered, "그럼 예산은?").choices[0].message.content or "")


def test_an_answer_comes_in_the_wanted_language(client: openai.OpenAI) -> None:
    completion = complete(client, "which regions were selected and for how much?", language="en")
    assert rag_of(completion)["versions"]["prompt"].startswith("phrase/en/")
    assert re.search("Daegu|대구", completion.choices[0].message.content or "")


def test_what_the_documents_do_not_hold_is_refused(client: openai.OpenAI) -> None:
    assert rag_of(complete(client, "프랑스 대통령의 이름은 무엇인가요?"))["abstained"]
    assert rag_of(complete(client, QUESTION, collections=["elsewhere"]))["sources"] == []


def test_the_models_are_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["inyong"]


def test_events_come_in_order_while_others_search(address: str) -> None:
    names: list[str] = []
    last: dict[str, Any] = {}
    has_sources = threading.Event()

    def ask() -> None:
        body = {"question": QUESTION, "stream": True}
        with httpx.stream("POST", f"{address}/v1/answers", json=body, timeout=SOON_S) as response:
            for line in response.iter_lines():
                if line.startswith("event: "):
                    names.append(line.removeprefix("event: "))
                    has_sources.set()
                elif line.startswith("data: "):
                    last.update(json.loads(line.removeprefix("data: ")))

    asking = threading.Thread(target=ask)
    asking.start()
    assert has_sources.wait(SOON_S)
    found = httpx.post(f"{address}/v1/search", json={"query": "예산"}, timeout=SOON_S).json()["hits"]
    is_still_written = "done" not in names
    asking.join(SOON_S)
    assert found
    assert is_still_written
    assert names[0] == "sources"
    assert names[-1] == "done"
    assert names.count("citation") == len(last["citations"])
