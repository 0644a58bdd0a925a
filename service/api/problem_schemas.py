"""What the schema says of a route's errors: problem+json, or OpenAI's envelope."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.api.problems import phrase


def describe(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses for a route's `responses`, as the schema shows them."""
    members = {"type": "string", "title": "string", "status": "integer", "detail": "string"}
    return _described(statuses, "application/problem+json", _object(members))


def describe_openai(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The same in OpenAI's envelope."""
    members = {"message": "string", "type": "string", "param": ["string", "null"], "code": ["string", "null"]}
    envelope = {"type": "object", "required": ["error"], "properties": {"error": _object(members)}}
    return _described(statuses, "application/json", envelope)


def _object(members: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: {"type": kind} for name, kind in members.items()}
    return {"type": "object", "required": list(members), "properties": properties}


def _described(
    statuses: Sequence[int], media_type: str, schema: Mapping[str, Any]
) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"description": phrase(status), "content": {media_type: {"schema": schema}}}
        for status in statuses
    }
