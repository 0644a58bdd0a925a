"""Requests made from the OpenAPI schema, fitting and not: none is answered with a failure of the service."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok

from tests.service.api.conftest import Served

_EXAMPLES = 15  # of each operation

Operation = APIOperation[Any, Any, Any, Any]


def statuses_of(operation: Operation, mode: GenerationMode) -> set[int]:
    """Every status that requests to this operation met."""
    met: set[int] = set()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Case[Any]) -> None:
        response = case.call()
        met.add(int(response.status_code))
        assert response.status_code < 500, f"{case.as_curl_command()}\n{response.text}"

    try:
        send()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # any text may be the name of a model
    return met


def operations(served: Served) -> list[Operation]:
    """All that the schema names."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", served.client.app)
    results = list(schema.get_all_operations())
    assert all(isinstance(result, Ok) for result in results)
    return [result.ok() for result in results if isinstance(result, Ok)]


def test_no_fitting_request_is_answered_with_a_failure(served: Served) -> None:
    statuses = {o.label: statuses_of(o, GenerationMode.POSITIVE) for o in operations(served)}
    assert all(statuses.values())
    assert 200 in statuses["POST /v1/answers"]


def test_no_unfitting_request_is_answered_with_a_failure(served: Served) -> None:
    statuses = {
        operation.label: statuses_of(operation, GenerationMode.NEGATIVE)
        for operation in operations(served)
        if operation.body or list(operation.iter_parameters())  # else nothing can be wrong with it
    }
    assert 422 in statuses["POST /v1/answers"]
    assert "GET /healthz" not in statuses


@pytest.mark.parametrize("path", ["/v1/answers", "/v1/search", "/v1/chat/completions"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[" * 50_000,
        b'{"question": ' * 5000,
        b"\x00",
        b'"' + b"a" * 1_000_000,
    ],
    ids=["empty", "half", "no UTF-8", "null", "deep list", "deep object", "zero byte", "long"],
)
def test_a_body_that_is_no_json_object_is_refused(served: Served, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = served.client.post(path, content=body, headers=headers)
    assert response.status_code in (400, 413, 422)
    assert response.json()
