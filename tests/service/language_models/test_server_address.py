import pytest

from service.errors import BadSetting
from service.language_models.server_address import LlmServer, is_server, parse_server


@pytest.mark.parametrize(
    ("llm", "server"),
    [
        ("openai:http://127.0.0.1:8000/v1#qwen", LlmServer("http://127.0.0.1:8000/v1", "qwen")),
        ("openai:http://127.0.0.1:8000", LlmServer("http://127.0.0.1:8000/v1")),
        (
            "openai:https://models.example/a/b/#org/name:q4",
            LlmServer("https://models.example/a/b", "org/name:q4"),
        ),
        ("openai:http://[::1]:9/v1", LlmServer("http://[::1]:9/v1")),
    ],
)
def test_an_address_is_read(llm: str, server: LlmServer) -> None:
    assert is_server(llm)
    assert parse_server(llm) == server


@pytest.mark.parametrize(
    "llm", ["qwen2.5-coder-1.5b-instruct", "models/openai.gguf", "http://127.0.0.1:8000"]
)
def test_a_model_of_this_machine_is_no_server(llm: str) -> None:
    assert not is_server(llm)


def test_a_server_without_a_model_is_called_by_its_place() -> None:
    assert parse_server("openai:http://127.0.0.1:8000/v1").name == "127.0.0.1:8000"
    assert parse_server("openai:http://127.0.0.1:8000/v1#qwen").name == "qwen"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000",
        "ftp://host/v1",
        "http://",
        "http://host:99999",
        "http://host:x/v1",
        "http://[::1",
        "http://host/v1?a=b",
        "http://ho st/v1",
        "http://h\u00f6st/v1",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(BadSetting, match=r"openai:http://127\.0\.0\.1:8000/v1#model-name"):
        parse_server(f"openai:{url}")


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadSetting, match="llm_key") as caught:
        parse_server("openai:http://me:geheim@host/v1")
    assert "geheim" not in str(caught.value)
