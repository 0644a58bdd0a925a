"""The API in words at /docs: the schema, rendered here, for FastAPI's page loads scripts from other hosts."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup, escape

from service.api.templates import TEMPLATES, templates

router = APIRouter(include_in_schema=False)

_METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body or a parameter. default: as JSON, None where there is none."""

    name: str
    kind: str
    default: str | None
    is_needed: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Example:
    """What a body may look like."""

    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status that an operation may have."""

    status: str
    description: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A method at a path."""

    method: str
    path: str
    anchor: str
    paragraphs: tuple[str, ...]
    has_body: bool
    fields: tuple[Field, ...]
    responses: tuple[Outcome, ...]


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Every operation with its fields and examples."""
    schema = request.app.openapi()
    template, operations = templates().get_template("docs.html"), list(read_operations(schema))
    return HTMLResponse(template.render(**schema["info"], operations=operations, marked=_marked))


@router.get("/docs.css")
async def style() -> Response:
    """How that page looks."""
    return Response((TEMPLATES / "docs.css").read_bytes(), media_type="text/css; charset=utf-8")


def _marked(text: str) -> Markup:
    """The text as HTML, what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped before


def read_operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    """The operations of an OpenAPI schema, in its order."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield _operation(schema, path, method, operation)


def _operation(schema: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    fields = [
        _field(schema, p["name"], p["schema"] | p, p.get("required", False))
        for p in operation.get("parameters", ())
    ]
    if body:
        fields += _fields(schema, _resolved(schema, body))
    return Operation(
        method=method.upper(),
        path=path,
        anchor=operation["operationId"],
        paragraphs=tuple(" ".join(part.split()) for part in operation.get("description", "").split("\n\n")),
        has_body=body is not None,
        fields=tuple(fields),
        responses=tuple(
            Outcome(status, response["description"], _examples(response.get("content", {})))
            for status, response in operation["responses"].items()
        ),
    )


def _fields(schema: Mapping[str, Any], described: Mapping[str, Any], prefix: str = "") -> list[Field]:
    """The fields of an object, those of objects inside it behind a dot."""
    found = []
    for name, value in described.get("properties", {}).items():
        found.append(_field(schema, prefix + name, value, name in described.get("required", ())))
        for one in value.get("anyOf", [value]):  # of which at most one is an object
            found += _fields(schema, _resolved(schema, one), f"{prefix}{name}.")
            found += _fields(schema, _resolved(schema, one.get("items", {})), f"{prefix}{name}[].")
    return found


def _field(schema: Mapping[str, Any], name: str, value: Mapping[str, Any], is_needed: bool) -> Field:
    default = json.dumps(value["default"], ensure_ascii=False) if "default" in value else None
    return Field(name, _kind(schema, value), default, is_needed, value.get("description", ""))


def _kind(schema: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    """The type in words: "integer 1–50 or null"."""
    value = _resolved(schema, value)
    if "anyOf" in value:
        return " or ".join(_kind(schema, one) for one in value["anyOf"])
    if "enum" in value:
        return " or ".join(json.dumps(one) for one in value["enum"])
    if "const" in value:
        return json.dumps(value["const"])
    kind = str(value.get("type", "any"))
    if kind == "array":
        return f"list of {_kind(schema, value.get('items', {}))}"
    least, most = value.get("minimum"), value.get("maximum")
    return f"{kind} {least:g}–{most:g}" if least is not None and most is not None else kind


def _resolved(schema: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a reference stands for, or the value itself."""
    reference = value.get("$ref")
    if reference is None:
        return value
    found: Any = schema
    for name in str(reference).removeprefix("#/").split("/"):
        found = found[name]
    resolved: Mapping[str, Any] = found
    return resolved


def _examples(content: Mapping[str, Any]) -> tuple[Example, ...]:
    return tuple(
        Example(media_type, _shown(body["example"]))
        for media_type, body in content.items()
        if "example" in body
    )


def _shown(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
