"""The chat endpoint as OpenAI's own client meets it, through a real server."""

from collections.abc import Iterator

import openai
import pytest
from openai.types.chat import ChatCompletionChunk, ChatCompletionUserMessageParam

from tests.service.api.conftest import QUESTION, REPLY, backend_over, listening
from tests.service.conftest import World

ASKED: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": QUESTION}]
ANSWER = "예산은 350억 원이 들었다 [1]."


@pytest.fixture
def client(world: World) -> Iterator[openai.OpenAI]:
    world.script(REPLY)
    with (
        backend_over(world) as backend,
        listening(backend) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client,
    ):
        yield client


def text_of(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_a_completion(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model="inyong", messages=ASKED, temperature=0.2)
    assert completion.choices[0].message.content == ANSWER
    assert completion.usage is not None
    assert completion.usage.prompt_tokens > 0
    rag = (completion.model_extra or {})["rag"]
    assert rag["citations"][0]["marker"] == 1


def test_a_stream(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="inyong", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
    )
    assert text_of(chunks) == ANSWER
    assert (chunks[0].model_extra or {})["rag"]["sources"]
    assert chunks[-1].usage is not None
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert (chunks[-2].model_extra or {})["rag"]["citations"]


def test_the_extension(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model="inyong", messages=ASKED, extra_body={"rag": {"collections": ["elsewhere"], "language": "en"}}
    )
    assert completion.choices[0].message.content == "Not found in the documents."
    assert (completion.model_extra or {})["rag"]["abstained"]


def test_the_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["inyong"]
    assert client.models.retrieve("inyong").owned_by == "inyong"


def test_a_refused_parameter_is_a_bad_request(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="inyong", messages=ASKED, n=3)
    assert caught.value.param == "n"


def test_another_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="use 'inyong'"):
        client.chat.completions.create(model="gpt-7", messages=ASKED)


def test_a_failure_in_a_stream_is_raised(client: openai.OpenAI, world: World) -> None:
    world.script(RuntimeError("no room"))
    with pytest.raises(openai.APIError, match="see the log of the service"):
        list(client.chat.completions.create(model="inyong", messages=ASKED, stream=True))
