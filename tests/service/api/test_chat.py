"""POST /v1/chat/completions."""

import json
from typing import Any

import pytest

from service.storage.permissions import Scope
from tests.service.api.conftest import QUESTION, UNANSWERABLE, Served

ASKED = {"model": "inyong", "messages": [{"role": "user", "content": QUESTION}]}


def complete(served: Served, **further: Any) -> Any:
    response = served.client.post("/v1/chat/completions", json=ASKED | further)
    assert response.status_code == 200, response.text
    return response.json()


def stream(served: Served, **further: Any) -> list[Any]:
    """The chunks, checked to end as OpenAI's streams end."""
    response = served.client.post("/v1/chat/completions", json=ASKED | {"stream": True} | further)
    assert response.headers["content-type"].startswith("text/event-stream")
    *chunks, end = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
    assert end == "[DONE]"
    return [json.loads(chunk) for chunk in chunks]


def text_of(chunks: list[Any]) -> str:
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


def refusal(served: Served, **further: Any) -> Any:
    response = served.client.post("/v1/chat/completions", json=ASKED | further)
    assert response.status_code == 400, response.text
    error = response.json()["error"]
    assert error["type"] == "invalid_request_error"
    return error


def test_a_completion_carries_the_answer_and_what_stands_behind_it(served: Served) -> None:
    completion = complete(served)
    (choice,) = completion["choices"]
    assert choice["message"]["content"] == "예산은 350억 원이 들었다 [1]."
    assert choice["finish_reason"] == "stop"
    rag = completion["rag"]
    assert list(rag) == [
        "abstained",
        "reason",
        "confidence",
        "uncertain",
        "sources",
        "citations",
        "grounding",
        "versions",
    ]
    assert (rag["abstained"], rag["reason"]) == (False, None)
    assert rag["versions"]["llm"] == "scripted"
    assert "350억" in rag["citations"][0]["quote"]
    usage = completion["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_stream_tells_the_sources_first_and_ends_with_what_a_completion_has(served: Served) -> None:
    whole = complete(served)
    first, *middle, last = stream(served)
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert first["rag"] == {"sources": whole["rag"]["sources"]}
    assert text_of(middle) == whole["choices"][0]["message"]["content"]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["rag"] == whole["rag"]
    assert len({chunk["id"] for chunk in [first, *middle, last]}) == 1


def test_the_versions_of_index_models_and_prompt_are_those_that_are_kept(served: Served) -> None:
    completion = complete(served)
    kept = served.client.get(f"/v1/answers/{completion['id']}").json()
    assert completion["rag"]["versions"] == kept["versions"]
    assert list(kept["versions"]) == ["index", "index_change", "llm", "embedding", "reader", "prompt"]
    assert "hash-64-fingerprint" in kept["versions"]["index"]


def test_a_limited_key_is_not_told_how_often_the_whole_store_changed(served: Served) -> None:
    key = served.backend.keys.add("ann", ["town"], [Scope.ASK])
    headers = {"Authorization": f"Bearer {key}"}
    answered = served.client.post("/v1/chat/completions", json=ASKED, headers=headers).json()
    assert "index" in answered["rag"]["versions"]
    assert "index_change" not in answered["rag"]["versions"]
    streamed = served.client.post("/v1/chat/completions", json=ASKED | {"stream": True}, headers=headers)
    assert "index_change" not in streamed.text


def test_usage_is_streamed_when_asked_for(served: Served) -> None:
    *_, last = stream(served, stream_options={"include_usage": True})
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] > 0


def test_an_abstention_is_an_answer_in_words_and_in_rag(served: Served) -> None:
    messages = [{"role": "user", "content": UNANSWERABLE}]
    completion = complete(served, messages=messages)
    assert completion["choices"][0]["message"]["content"] == "문서에서 확인되지 않습니다."
    assert completion["rag"]["abstained"]
    assert text_of(stream(served, messages=messages)) == "문서에서 확인되지 않습니다."


def test_a_failure_in_a_stream_is_an_error_in_openais_envelope(served: Served) -> None:
    served.world.script(RuntimeError("the weights in /secret/place are gone"))
    response = served.client.post("/v1/chat/completions", json=ASKED | {"stream": True})
    *_, last = [line for line in response.text.split("\n\n") if line]
    error = json.loads(last.removeprefix("data: "))["error"]
    assert error["type"] == "server_error"
    assert "/secret/place" not in response.text


def test_a_follow_up_is_understood_from_the_messages_before(served: Served) -> None:
    messages = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "350억 원입니다 [1]."},
        {"role": "user", "content": "그럼 주민은?"},
    ]
    rewritten = "푸른숲 도서관 개관식에 온 주민은?"
    served.world.script(rewritten, "주민 40여 명이 왔다.")
    completion = complete(served, messages=messages)
    assert f"질문: {rewritten}" in served.world.generator.prompts[-1][-1].content
    assert completion["choices"][0]["message"]["content"] == "주민 40여 명이 왔다 [1]."


def test_system_messages_are_not_followed(served: Served) -> None:
    messages = [{"role": "system", "content": "해적처럼 말하세요."}, *ASKED["messages"]]
    complete(served, messages=messages)
    assert all("해적" not in message.content for message in served.world.generator.prompts[-1])


def test_text_parts_are_read_together(served: Served) -> None:
    parts = [{"type": "text", "text": "푸른숲 도서관 분관의"}, {"type": "text", "text": "예산은 얼마인가요?"}]
    complete(served, messages=[{"role": "user", "content": parts}])
    assert f"질문: {QUESTION}" in served.world.generator.prompts[-1][-1].content


def test_rag_says_where_to_look_how_far_and_in_which_language(served: Served) -> None:
    rag = {"collections": ["town"], "filters": {"source": "festival.md"}, "top_k": 1, "language": "en"}
    served.world.script("Not found in the documents.")
    completion = complete(served, rag=rag)
    assert [passage["source"] for passage in completion["rag"]["sources"]] == ["festival.md"]
    assert completion["rag"]["versions"]["prompt"].startswith("phrase/en/")


@pytest.mark.parametrize(
    "harmless",
    [
        {"temperature": 0.3, "top_p": 0.9, "seed": 7, "user": "kim"},
        {"n": 1, "stop": None, "tools": [], "logprobs": False, "response_format": {"type": "text"}},
        {"max_tokens": 4096, "max_completion_tokens": 220},
        {"metadata": {"team": "a"}, "store": False, "parallel_tool_calls": True},
    ],
)
def test_parameters_that_cannot_change_what_an_answer_means_are_taken(
    served: Served, harmless: dict[str, Any]
) -> None:
    assert complete(served, **harmless)["choices"][0]["message"]["content"].startswith("예산은")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("n", True),
        ("stop", ["."]),
        ("tools", [{"type": "function", "function": {"name": "f"}}]),
        ("tool_choice", "required"),
        ("functions", [{"name": "f"}]),
        ("response_format", {"type": "json_object"}),
        ("logprobs", True),
        ("modalities", ["text", "audio"]),
        ("audio", {"voice": "a", "format": "mp3"}),
        ("logit_bias", {"50": -100}),
        ("max_tokens", 5),
        ("max_completion_tokens", "many"),
        ("num_ctx", 2048),
    ],
)
def test_parameters_that_could_are_refused_by_name(served: Served, name: str, value: Any) -> None:
    error = refusal(served, **{name: value})
    assert error["param"] == name
    assert error["message"].startswith(f"{name}: ")
    assert served.world.generator.prompts == []


@pytest.mark.parametrize(
    ("further", "message"),
    [
        ({"messages": []}, "messages: "),
        ({"messages": [{"role": "assistant", "content": "안녕"}]}, "the last message is from the assistant"),
        ({"messages": [{"role": "tool", "content": "안녕"}]}, "messages.0.role: "),
        ({"messages": [{"role": "user", "content": ""}]}, "the question is empty"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages.0.content.0.type: "),
        ({"messages": [{"role": "user", "content": "가"}] * 10_000}, "messages: "),
        ({"messages": [{"role": "user", "content": "가" * 1_000_000}]}, "messages.0.content: "),
        ({"rag": {"top_k": 51}}, "rag.top_k: "),
        ({"rag": {"language": "fr"}}, "rag.language: "),
        ({"rag": {"topk": 5}}, "rag.topk: "),
        ({"stream": "yes"}, "stream: "),
    ],
)
def test_a_bad_body_is_refused_in_one_sentence_that_names_the_place(
    served: Served, further: dict[str, Any], message: str
) -> None:
    error = refusal(served, **further)
    assert error["message"].startswith(message)
    assert len(error["message"]) < 300


def test_an_extension_of_null_is_none(served: Served) -> None:
    assert complete(served, rag=None) | {"id": "", "created": 0} == complete(served) | {
        "id": "",
        "created": 0,
    }


def test_another_model_is_not_found(served: Served) -> None:
    response = served.client.post("/v1/chat/completions", json=ASKED | {"model": "gpt-7"})
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "there is no model 'gpt-7' here; use 'inyong'"


def test_models_are_listed_as_openai_does(served: Served) -> None:
    listed = served.client.get("/v1/models").json()
    assert [(m["id"], m["object"]) for m in listed["data"]] == [("inyong", "model")]
    assert served.client.get("/v1/models/inyong").json() == listed["data"][0]
    assert served.client.get("/v1/models/other").json()["error"]["type"] == "invalid_request_error"
