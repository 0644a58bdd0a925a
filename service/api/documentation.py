"""The API's documentation at /docs, rendered here: FastAPI's page loads scripts from other hosts."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup, escape

from service.api.page import TEMPLATES, templates

router = APIRouter(include_in_schema=False)

Schema = Mapping[str, Any]


class Field(NamedTuple):
    """A field of a body, or a parameter. default: as JSON, None without one."""

    name: str
    kind: str
    default: str | None
    is_required: bool
    meaning: str


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Return the page of all operations, with fields and examples."""
    schema = request.app.openapi()
    operations = [
        {"method": method.upper(), "path": path, "fields": fields_of(schema, operation), **operation}
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    template = templates().get_template("docs.html")
    return HTMLResponse(
        template.render(**schema["info"], operations=operations, marked=_marked, example=_example)
    )


@router.get("/docs.css")
async def style() -> Response:
    """Return the style sheet of that page."""
    return Response((TEMPLATES / "docs.css").read_bytes(), media_type="text/css; charset=utf-8")


def _marked(text: str) -> Markup:
    """Return the text as HTML, with backticked parts as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped before


def _example(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def fields_of(schema: Schema, operation: Schema) -> list[Field]:
    """Return the parameters of an operation of the schema, then the fields of its body."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    parameters = [
        _field(schema, parameter["name"], parameter["schema"] | parameter, parameter["required"])
        for parameter in operation.get("parameters", ())
    ]
    return [*parameters, *_fields(schema, _resolved(schema, body))]


def _fields(schema: Schema, described: Schema, prefix: str = "") -> Iterator[Field]:
    """Yield the fields of an object; those of nested objects have dotted names."""
    for name, value in described.get("properties", {}).items():
        yield _field(schema, prefix + name, value, name in described.get("required", ()))
        for one in value.get("anyOf", [value]):  # at most one of these is an object
            yield from _fields(schema, _resolved(schema, one), f"{prefix}{name}.")
            yield from _fields(schema, _resolved(schema, one.get("items", {})), f"{prefix}{name}[].")


def _field(schema: Schema, name: str, value: Schema, is_required: bool) -> Field:
    default = json.dumps(value["default"], ensure_ascii=False) if "default" in value else None
    return Field(name, _kind(schema, value), default, is_required, value.get("description", ""))


def _kind(schema: Schema, value: Schema) -> str:
    """Return the type in words: "integer 1–50 or null"."""
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
    minimum, maximum = value.get("minimum"), value.get("maximum")
    is_range = minimum is not None and maximum is not None
    return f"{kind} {minimum:g}–{maximum:g}" if is_range else kind


def _resolved(schema: Schema, value: Schema) -> Schema:
    """Return the schema that a reference points to, or the value itself."""
    if "$ref" not in value:
        return value
    resolved: Any = schema
    for name in value["$ref"].removeprefix("#/").split("/"):
        resolved = resolved[name]
    return dict(resolved)
