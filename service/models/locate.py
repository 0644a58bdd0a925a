"""Resolve the model that a setting names to a path that a library can load.

Only a hub name uses the network, and only where its file is not in the cache.
"""

import re
from pathlib import Path

from service.errors import ModelUnavailable
from service.models.catalogue import ModelEntry, ModelKind, entries, names
from service.models.hub import fetch_from_hub, is_hub_name
from service.models.verify import ModelStatus, state

_GGUF_MAGIC = b"GGUF"
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def default_models_dir() -> Path:
    """Where models are kept unless INYONG_MODELS says otherwise: in the user's cache directory."""
    from platformdirs import user_cache_path

    return user_cache_path("inyong", appauthor=False) / "models"


def resolve_embedding(value: str, models_dir: Path) -> Path | str:
    """The sentence-transformers folder for a catalogue name or a path; a hub name is returned as it is.

    Only sentence-transformers itself ever reaches the hub.
    Raises ModelUnavailable when the model is not on disk, is damaged, or is no embedding model.
    """
    if entry := _in_catalogue(value, ModelKind.EMBEDDING):
        return _pulled(entry, models_dir)
    path = Path(value).expanduser()
    if path.is_dir():
        if (path / "modules.json").is_file() or (path / "config.json").is_file():
            return path
        raise ModelUnavailable(
            f"folder {path} is no sentence-transformers model: it has neither modules.json nor config.json"
        )
    if path.exists():
        raise ModelUnavailable(
            f"{path} is a file; an embedding model is a folder in the sentence-transformers format"
        )
    if _HUB_NAME.fullmatch(value):
        return value
    raise _not_found(
        value, ModelKind.EMBEDDING, "a sentence-transformers folder, or a hub name such as ORG/NAME"
    )


def resolve_llm(value: str, models_dir: Path, *, cached_only: bool = False) -> Path:
    """Return the GGUF file for a catalogue name, a path or a hub name.

    cached_only: do not download. Raises ModelUnavailable when the model is not to be had, is damaged, or is
    not a GGUF file.
    """
    if entry := _in_catalogue(value, ModelKind.LLM):
        return _pulled(entry, models_dir)
    path = fetch_from_hub(value, cached_only=cached_only) if is_hub_name(value) else Path(value).expanduser()
    if path.is_dir():
        raise ModelUnavailable(f"{path} is a folder; name the .gguf file of the language model")
    if not path.exists():
        raise _not_found(value, ModelKind.LLM, "a GGUF file, nor hf:OWNER/REPO/FILE.gguf")
    try:
        with path.open("rb") as file:
            magic = file.read(len(_GGUF_MAGIC))
    except OSError as error:
        raise ModelUnavailable(f"language model {path} cannot be read: {error.strerror}") from error
    if magic != _GGUF_MAGIC:
        raise ModelUnavailable(f"{path} is not a GGUF file: it does not begin with the letters GGUF")
    return path


def _in_catalogue(value: str, kind: ModelKind) -> ModelEntry | None:
    for entry in entries():
        if entry.name == value:
            if entry.kind is not kind:
                raise ModelUnavailable(f"{value} is not {_noun(kind)}; there are: {', '.join(names(kind))}")
            return entry
    return None


def _pulled(entry: ModelEntry, models_dir: Path) -> Path:
    found = state(entry, models_dir)
    if found.status is ModelStatus.MISSING:
        raise ModelUnavailable(
            f"model {entry.name} is not in {models_dir}; run: inyong models pull {entry.name}"
        )
    if found.status is ModelStatus.DAMAGED:
        raise ModelUnavailable(
            f"model {entry.name} is damaged: {found.reason}; run: inyong models pull {entry.name}"
        )
    return found.path


def _not_found(value: str, kind: ModelKind, otherwise: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"{_noun(kind)} {value!r} is not found: it is neither in the catalogue "
        f"({', '.join(names(kind))}), nor {otherwise}"
    )


def _noun(kind: ModelKind) -> str:
    return "an embedding model" if kind is ModelKind.EMBEDDING else "a language model"
