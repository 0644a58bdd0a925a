"""A grid of settings: which are tried, and in which order models need be loaded least often."""

import hashlib
import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from eval.errors import EvaluationError
from service.errors import BadSetting
from service.settings import Settings, load_settings

_SWEPT = (  # what can make an answer another one, or slower
    "embedding",
    "llm",
    "k",
    "dense_weight",
    "sentence_tokens",
    "answer_tokens",
    "context_tokens",
    "threads",
    "gpu_layers",
    "passage_least",
    "passage_most",
)
# What takes longest to change comes first: language model, embedding model, store.
_GENERATOR = ("llm", "context_tokens", "threads", "gpu_layers")
_STORE = ("embedding", "passage_least", "passage_most")
_MOST_LABEL_CHARS = 80


class BadGrid(EvaluationError):
    """A grid that cannot be swept; names the file, the setting and what is wrong."""


@dataclass(frozen=True, slots=True)
class Point:
    """One choice of values. label: as people read it; settings: complete ones."""

    values: Mapping[str, Any]
    settings: Settings

    @property
    def label(self) -> str:
        """The values in one line."""
        return ", ".join(f"{name} {_short(value)}" for name, value in self.values.items())

    @property
    def folder_name(self) -> str:
        """A name for the point's folder, the same whenever the values are."""
        exact = "\0".join(f"{name}={value}" for name, value in self.values.items())
        shown = "-".join(f"{name}={_short(value)}" for name, value in self.values.items())
        digest = hashlib.sha256(exact.encode()).hexdigest()[:8]
        return f"{re.sub(r'[^A-Za-z0-9._=-]+', '_', shown)[:_MOST_LABEL_CHARS]}-{digest}"


def read_grid(path: Path) -> dict[str, list[Any]]:
    """The values of each setting in a TOML file such as `k = [4, 6]`. Raises BadGrid."""
    try:
        grid = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadGrid(f"{path}: no such file; write there, for instance: k = [4, 6, 8]") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadGrid(f"{path}: cannot be read as TOML ({error})") from error
    return {name: values if isinstance(values, list) else [values] for name, values in grid.items()}


def parse_values(text: str) -> tuple[str, list[str]]:
    """Name and values of `name=v1,v2`. Raises BadGrid."""
    name, equals, values = text.partition("=")
    parts = [value.strip() for value in values.split(",")]
    if not equals or not name.strip() or not all(parts):
        raise BadGrid(f"{text!r} is not NAME=VALUE,VALUE, such as k=4,6,8")
    return name.strip(), parts


def make_points(grid: Mapping[str, Sequence[Any]], settings: Settings) -> list[Point]:
    """Every combination of the values, those that share models and stores next to each other.

    settings: of everything that is not in the grid. Raises BadGrid for a setting that cannot be swept or a
    value it cannot have.
    """
    if not grid:
        raise BadGrid("the grid is empty; name a setting and its values, as in --set k=4,6,8")
    known = [spec.name for spec in fields(Settings) if spec.name in _SWEPT]
    for name, values in grid.items():
        if name not in known:
            raise BadGrid(f"{name!r} is no setting that can be swept; there are {', '.join(known)}")
        if not values:
            raise BadGrid(f"{name} has no values to try; give some, such as {name} = [1, 2]")
    points = {
        point.folder_name: point
        for chosen in itertools.product(*grid.values())
        for point in [_point(dict(zip(grid, chosen, strict=True)), settings)]
    }
    return sorted(points.values(), key=lambda point: _cost_to_change(point.settings))


def _point(values: Mapping[str, Any], settings: Settings) -> Point:
    rest = {spec.name: getattr(settings, spec.name) for spec in fields(Settings)}
    try:
        combined = load_settings(rest | dict(values)).settings  # checked as if they were given by hand
    except BadSetting as error:
        raise BadGrid(f"the grid: {error}") from error
    return Point({name: getattr(combined, name) for name in values}, combined)


def _cost_to_change(settings: Settings) -> tuple[str, ...]:
    return tuple(str(getattr(settings, name)) for name in (*_GENERATOR, *_STORE))


def generator_key(settings: Settings) -> tuple[Any, ...]:
    """What decides whether two settings share a loaded language model."""
    return tuple(getattr(settings, name) for name in _GENERATOR)


def _short(value: object) -> str:
    """A value as shown: of a path its last part."""
    return Path(value).name if isinstance(value, str) and "/" in value else str(value)
