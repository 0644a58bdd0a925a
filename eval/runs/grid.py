"""A grid of settings to try, ordered so that models are loaded as rarely as possible."""

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

_SWEPT = (  # what can affect answers or their speed
    "embedding",
    "llm",
    "k",
    "dense_weight",
    "phrasing",
    "answer_tokens",
    "context_tokens",
    "threads",
    "gpu_layers",
    "passage_least",
    "passage_most",
)
# Slowest to change first: language model, embedding model, store.
_GENERATOR = ("llm", "context_tokens", "threads", "gpu_layers")
_STORE = ("embedding", "passage_least", "passage_most")
_MOST_LABEL_CHARS = 80


class BadGrid(EvaluationError):
    """An invalid grid; names the file or the setting, and the fault."""


@dataclass(frozen=True, slots=True)
class Point:
    """One combination of values. settings: the complete settings with these values."""

    values: Mapping[str, Any]
    settings: Settings

    @property
    def label(self) -> str:
        """The values on one line, for display."""
        return ", ".join(f"{name} {_short(value)}" for name, value in self.values.items())

    @property
    def folder_name(self) -> str:
        """The name of the point's folder, determined by the values alone."""
        exact = "\0".join(f"{name}={value}" for name, value in self.values.items())
        shown = "-".join(f"{name}={_short(value)}" for name, value in self.values.items())
        digest = hashlib.sha256(exact.encode()).hexdigest()[:8]
        return f"{re.sub(r'[^A-Za-z0-9._=-]+', '_', shown)[:_MOST_LABEL_CHARS]}-{digest}"


def read_grid(path: Path) -> dict[str, list[Any]]:
    """Read the values of each setting from a TOML file such as `k = [4, 6]`. Raises BadGrid."""
    try:
        grid = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadGrid(f"{path}: no such file; write there, for instance: k = [4, 6, 8]") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadGrid(f"{path}: cannot be read as TOML ({error})") from error
    return {name: values if isinstance(values, list) else [values] for name, values in grid.items()}


def parse_values(text: str) -> tuple[str, list[str]]:
    """Parse `name=v1,v2` into name and values. Raises BadGrid."""
    name, equals, values = text.partition("=")
    parts = [value.strip() for value in values.split(",")]
    if not equals or not name.strip() or not all(parts):
        raise BadGrid(f"{text!r} is not NAME=VALUE,VALUE, such as k=4,6,8")
    return name.strip(), parts


def make_points(grid: Mapping[str, Sequence[Any]], settings: Settings) -> list[Point]:
    """Return every combination of the values, ordered so that those sharing models and stores are adjacent.

    settings: for everything outside the grid. Raises BadGrid for a setting that cannot be swept or an
    invalid value.
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
        combined = load_settings(rest | dict(values)).settings  # validated like settings given by hand
    except BadSetting as error:
        raise BadGrid(f"the grid: {error}") from error
    return Point({name: getattr(combined, name) for name in values}, combined)


def _cost_to_change(settings: Settings) -> tuple[str, ...]:
    return tuple(str(getattr(settings, name)) for name in (*_GENERATOR, *_STORE))


def generator_key(settings: Settings) -> tuple[Any, ...]:
    """Return the key by which settings share a loaded language model."""
    return tuple(getattr(settings, name) for name in _GENERATOR)


def _short(value: object) -> str:
    """Return the value for display: of a path, its last part."""
    return Path(value).name if isinstance(value, str) and "/" in value else str(value)
