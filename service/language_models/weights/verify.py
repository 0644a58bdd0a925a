"""Verify a model on disk: the sizes of its files at every start, their hashes when asked.

A GGUF file is as the catalogue says. The files of a converted folder are recorded in its marker, which is
inside the folder, so it moves and vanishes with it.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from service.language_models.weights.catalogue import Layout, ModelEntry
from service.language_models.weights.disk import sha256_of, sync

MARKER = "inyong-model.json"
_FORMAT = 1  # increase when the output of convert.py changes, so that older folders are rebuilt


class ModelStatus(Enum):
    """Status of a model on disk."""

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
    """Return the state on disk by the sizes of its files."""
    return _examine(entry, models_dir, lambda path, sha256: True)


def verify(entry: ModelEntry, models_dir: Path, advance: Callable[[int], None] | None = None) -> ModelState:
    """Return the state on disk by hashing every byte. advance: receives the size of each chunk in bytes.

    A file with another hash is renamed, so that it is no longer used and a pull replaces it.
    """

    def has_hash(path: Path, sha256: str) -> bool:
        is_whole = sha256_of(path, advance) == sha256
        if not is_whole:
            with suppress(OSError):  # a folder that cannot be written
                path.rename(path.with_name(f"{path.name}.damaged"))
        return is_whole

    return _examine(entry, models_dir, has_hash)


def write_marker(entry: ModelEntry, folder: Path) -> None:
    """Flush every file of a folder known to be complete to disk, and record it in the marker."""
    recorded = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        sync(path)
        found = path.stat()
        facts = {"size": found.st_size, "mtime": int(found.st_mtime), "sha256": sha256_of(path)}
        recorded[path.relative_to(folder).as_posix()] = facts
    marker = {"format": _FORMAT, "model": entry.name, "sha256": entry.sha256, "files": recorded}
    (folder / MARKER).write_text(json.dumps(marker, indent=1), "utf-8")
    sync(folder / MARKER)


def _examine(entry: ModelEntry, models_dir: Path, has_hash: Callable[[Path, str], bool]) -> ModelState:
    folder, usable = entry.folder(models_dir), entry.usable_path(models_dir)
    try:
        if not folder.is_dir():
            return ModelState(ModelStatus.MISSING, usable)
        reason = _damage(folder, _recorded_files(entry, folder), has_hash)
    except OSError as error:
        reason = f"{error.filename or folder} cannot be read: {error.strerror}"
    return ModelState(ModelStatus.DAMAGED if reason else ModelStatus.PRESENT, usable, reason)


def _damage(folder: Path, files: Mapping[str, tuple[int, str]], has_hash: Callable[[Path, str], bool]) -> str:
    """Return what is wrong with the files, "" if nothing is."""
    if not files:
        return f"{folder} has no complete model of this version of Inyong"
    for name, (size_bytes, sha256) in files.items():
        path = folder / name
        if not path.is_file():
            return f"{path} is gone"
        if (found_bytes := path.stat().st_size) != size_bytes:
            return f"{path} has {found_bytes:,} bytes instead of {size_bytes:,}"
        if not has_hash(path, sha256):
            return f"{path} has changed: its sha256 is not {sha256}"
    return ""


def _recorded_files(entry: ModelEntry, folder: Path) -> dict[str, tuple[int, str]]:
    """Return size and sha256 of each file of the model by name; empty without a valid marker."""
    if entry.layout is Layout.GGUF:
        return {entry.artefact: (entry.size_bytes, entry.sha256)}
    try:
        marker = json.loads((folder / MARKER).read_text("utf-8"))
        if (marker["sha256"], marker["format"]) != (entry.sha256, _FORMAT):
            return {}
        return {name: (facts["size"], facts["sha256"]) for name, facts in marker["files"].items()}
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        return {}
