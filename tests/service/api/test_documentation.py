"""/docs and the schema behind it."""

import re
from typing import Any

import pytest

from service.api.documentation import _marked, fields_of
from tests.service.api.conftest import Served


@pytest.fixture
def schema(served: Served) -> Any:
    return served.client.get("/openapi.json").json()


def test_every_operation_of_the_schema_is_shown(served: Served, schema: Any) -> None:
    page = served.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page.text


def test_the_page_asks_no_other_host_and_runs_nothing(served: Served) -> None:
    page = served.client.get("/docs").text
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', page)
    assert loaded == ["docs.css"]
    assert "<script" not in page
    assert " style=" not in page
    css = served.client.get("/docs.css")
    assert css.headers["content-type"].startswith("text/css")
    assert "http" not in css.text


def test_words_of_the_schema_are_shown_as_text_and_code_as_code() -> None:
    assert _marked("`a<b` & <script>") == "<code>a&lt;b</code> &amp; &lt;script&gt;"


def test_fields_are_shown_with_type_default_and_meaning(schema: Any) -> None:
    fields = {field.name: field for field in fields_of(schema, schema["paths"]["/v1/answers"]["post"])}
    assert (fields["question"].kind, fields["question"].is_required) == ("string", True)
    assert (fields["k"].kind, fields["k"].default) == ("integer 1–50 or null", None)
    assert fields["stream"].default == "false"
    assert fields["language"].kind == '"ko" or "en" or null'
    chat = fields_of(schema, schema["paths"]["/v1/chat/completions"]["post"])
    assert {"rag.top_k", "messages[].role"} <= {field.name for field in chat}


def test_every_operation_says_what_comes_back_and_which_errors_may(schema: Any) -> None:
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            assert operation["description"]
            assert any(status.startswith("2") for status in operation["responses"]), path
    assert "HTTPValidationError" not in str(schema)


def test_chat_tells_its_errors_in_openais_envelope(schema: Any) -> None:
    responses = schema["paths"]["/v1/chat/completions"]["post"]["responses"]
    assert list(responses) == ["200", "400", "404", "429", "503"]
    assert list(responses["400"]["content"]["application/json"]["schema"]["properties"]) == ["error"]


def test_answers_are_shown_by_example(served: Served) -> None:
    page = served.client.get("/docs").text
    for path in ("/v1/answers", "/v1/search", "/v1/chat/completions"):
        section = page.partition(f"<code>POST {path}</code></h2>")[2].partition("</section>")[0]
        examples = re.findall(r"<pre>(.*?)</pre>", section, re.DOTALL)
        assert examples
        assert all("350억" in example for example in examples)
