"""Resolve the model that a setting names to a path that a library can load.

Only a name on the Hugging Face hub uses the network, and only where its file is not in the cache.
huggingface_hub's cache, token (HF_TOKEN), endpoint (HF_ENDPOINT) and offline mode (HF_HUB_OFFLINE) hold.
"""

import logging
import os
import re
from functools import partial
from pathlib import Path

from service.errors import ModelUnavailable
from service.language_models.weights.catalogue import ModelEntry, ModelKind, entries, names
from service.language_models.weights.verify import ModelStatus, state

_GGUF_MAGIC = b"GGUF"
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_ANSWER_WITHIN_S = 5
_HUB_FILE = re.compile(
    r"hf:(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/(?P<file>[\w][\w./-]*\.gguf)(?:@(?P<revision>[\w./-]+))?"
)


def default_models_dir() -> Path:
    """Return the models folder for when INYONG_MODELS is not set: in the user's cache directory."""
    from platformdirs import user_cache_path

    return user_cache_path("inyong", appauthor=False) / "models"


def resolve_embedding(value: str, models_dir: Path) -> Path | str:
    """Return the sentence-transformers folder for a catalogue name or a path, and a hub name unchanged.

    Only sentence-transformers itself ever contacts the hub.
    Raises ModelUnavailable when the model is not on disk, is damaged, or is not an embedding model.
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


def is_hub_name(value: str) -> bool:
    """Return whether the value names a file on the hub."""
    return value.startswith("hf:")


def fetch_from_hub(value: str, *, cached_only: bool = False) -> Path:
    """Return the file of `hf:OWNER/REPO/FILE.gguf[@REVISION]` in the hub's cache, downloading it if missing.

    A cached file is used without checking the hub for a newer version. cached_only: never use the
    network. Raises ModelUnavailable.
    """
    match = _HUB_FILE.fullmatch(value)
    if not match or ".." in match["file"]:
        raise ModelUnavailable(f"{value!r} names no file on the hub; write hf:OWNER/REPO/FILE.gguf")
    from huggingface_hub import errors, hf_hub_download

    # Each retry would be a warning; what ends the attempt is reported below.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    find = partial(
        hf_hub_download,
        match["repo"],
        match["file"],
        revision=match["revision"],
        endpoint=os.environ.get("HF_ENDPOINT"),
        cache_dir=os.environ.get("HF_HUB_CACHE"),
        etag_timeout=_ANSWER_WITHIN_S,
    )
    try:
        try:
            path = find(local_files_only=True)
        except errors.LocalEntryNotFoundError:
            if cached_only:
                raise
            path = find()
    except errors.GatedRepoError as error:
        raise ModelUnavailable(
            f"{value}: its licence must be accepted first, at https://huggingface.co/{match['repo']}; then "
            "set HF_TOKEN to your token"
        ) from error
    except errors.LocalEntryNotFoundError as error:
        reason = "it is not in the cache" if cached_only else "the hub cannot be reached"
        raise ModelUnavailable(
            f"{value}: {reason}, and the file is not there yet; fetch it where there is a network with: "
            f"inyong models pull {value}"
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        raise ModelUnavailable(
            f"{value}: the hub has no such file, or it is private (set HF_TOKEN to your token)"
        ) from error
    except (errors.HfHubHTTPError, errors.HFValidationError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnavailable(f"{value}: the hub's file cannot be fetched ({reason})") from error
    return Path(path)


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
