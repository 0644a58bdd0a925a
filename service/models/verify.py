"""Whether a model on disk is whole: fully hashed once, then known by the size and time of its files.

The marker that remembers the full check lies inside the model's folder, so it moves and vanishes with it.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from service.models.catalogue import Layout, ModelEntry
from service.models.disk import sha256_of, sync

MARKER = "inyong-model.json"
_FORMAT = 1  # raise it when convert.py writes something else, so that older folders are made anew


class ModelStatus(Enum):
    """What is known of a model on disk."""

    MISSING = "missing"
    PRESENT = "present"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model on disk. path: what a library loads; reason: why it is damaged, "" otherwise."""

    status: ModelStatus
    path: Path
    reason: str = ""


def state(entry: ModelEntry, models_dir: Path) -> ModelState:
    """What is on disk, by a look at sizes and times only.

    A file whose time changed but not its size (a copy, an image layer) is hashed again.
    """
    return _checked(entry, models_dir, rehash=False)


def verify(entry: ModelEntry, models_dir: Path, advance: Callable[[int], None] | None = None) -> ModelState:
    """What is on disk, with every byte hashed again. advance: told how many bytes each chunk held.

    A GGUF file put there by hand needs no marker: it is compared with the catalogue, and gets one.
    """
    return _checked(entry, models_dir, rehash=True, advance=advance)


def write_marker(entry: ModelEntry, folder: Path, advance: Callable[[int], None] | None = None) -> None:
    """Hashes every file of a folder known to be whole, and writes down what they are."""
    recorded = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MARKER):
        recorded[path.relative_to(folder).as_posix()] = _facts(path, sha256_of(path, advance))
    _save_marker(entry, folder, recorded)


def _checked(
    entry: ModelEntry, models_dir: Path, *, rehash: bool, advance: Callable[[int], None] | None = None
) -> ModelState:
    folder, path = entry.folder(models_dir), entry.usable_path(models_dir)
    try:
        if not folder.is_dir():
            return ModelState(ModelStatus.MISSING, path)
        reason = _damage(entry, folder, rehash, advance)
    except OSError as error:
        reason = f"{error.filename or folder} cannot be read: {error.strerror}"
    return ModelState(ModelStatus.DAMAGED if reason else ModelStatus.PRESENT, path, reason or "")


def _damage(
    entry: ModelEntry, folder: Path, rehash: bool, advance: Callable[[int], None] | None
) -> str | None:
    marker = _load_marker(folder)
    if marker is None:
        if rehash and entry.layout is Layout.GGUF and (folder / entry.artefact).is_file():
            return _bless(entry, folder, advance)
        return f"{folder} holds no whole model"
    if marker["sha256"] != entry.sha256 or marker["format"] != _FORMAT:
        return f"{folder} was made from other weights, or by another version of Inyong"
    recorded: dict[str, dict[str, Any]] = marker["files"]
    if entry.layout is Layout.GGUF and set(recorded) != {entry.artefact}:
        return f"{folder / MARKER} does not tell of {entry.artefact}"
    changed = False
    for name, facts in recorded.items():
        path = folder / name
        if not path.is_file():
            return f"{path} is gone"
        found = path.stat()
        if found.st_size != facts["size"]:
            return f"{path} has {found.st_size:,} bytes instead of {facts['size']:,}"
        if not rehash and int(found.st_mtime) == facts["mtime"]:
            continue
        expected = entry.sha256 if entry.layout is Layout.GGUF else facts["sha256"]
        if sha256_of(path, advance) != expected:
            return f"{path} has changed: its sha256 is not {expected}"
        changed = changed or int(found.st_mtime) != facts["mtime"]
        recorded[name] = _facts(path, expected)
    if changed or rehash:
        _try_to_save_marker(entry, folder, recorded)
    return None


def _bless(entry: ModelEntry, folder: Path, advance: Callable[[int], None] | None) -> str | None:
    path = folder / entry.artefact
    if (size := path.stat().st_size) != entry.size_bytes:
        return f"{path} has {size:,} bytes instead of {entry.size_bytes:,}"
    if sha256_of(path, advance) != entry.sha256:
        return f"{path} is not the file of the catalogue: its sha256 is not {entry.sha256}"
    _try_to_save_marker(entry, folder, {entry.artefact: _facts(path, entry.sha256)})
    return None


def _facts(path: Path, sha256: str) -> dict[str, Any]:
    found = path.stat()
    # Whole seconds: archives and image layers drop the rest.
    return {"size": found.st_size, "mtime": int(found.st_mtime), "sha256": sha256}


def _load_marker(folder: Path) -> dict[str, Any] | None:
    """The marker, or None when there is none that can be understood."""
    try:
        marker = json.loads((folder / MARKER).read_text("utf-8"))
        whole = bool(marker["files"]) and all(
            isinstance(facts["size"], int) and isinstance(facts["mtime"], int) and facts["sha256"]
            for facts in marker["files"].values()
        )
        return marker if whole and {"sha256", "format"} <= marker.keys() else None
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _save_marker(entry: ModelEntry, folder: Path, recorded: dict[str, dict[str, Any]]) -> None:
    marker = {
        "format": _FORMAT,
        "model": entry.name,
        "sha256": entry.sha256,
        "verified_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": recorded,
    }
    # The process id keeps two checks at the same time out of each other's way.
    temporary = folder / f".{MARKER}.{os.getpid()}"
    temporary.write_text(json.dumps(marker, indent=1), "utf-8")
    sync(temporary)
    temporary.replace(folder / MARKER)


def _try_to_save_marker(entry: ModelEntry, folder: Path, recorded: dict[str, dict[str, Any]]) -> None:
    """Saves the marker where that is allowed; a read-only folder is only checked again next time."""
    try:
        _save_marker(entry, folder, recorded)
    except OSError:
        return
