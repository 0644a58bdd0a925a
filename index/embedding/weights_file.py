"""Files of trained weights shipped with the project: safetensors with a format, a version and a digest.

Files that are damaged, of another kind, of a newer version or for another base model are rejected.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import WeightsUnusable


@dataclass(frozen=True, slots=True)
class WeightsFormat:
    """A kind of file. name: in its metadata; noun: in messages; version: the newest that can be read."""

    name: str
    noun: str
    version: int


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """The content of a file: tensors as stored, metadata."""

    tensors: Mapping[str, NDArray[Any]]
    metadata: Mapping[str, str]


def write_weights(
    path: Path,
    kind: WeightsFormat,
    tensors: Mapping[str, NDArray[Any]],
    *,
    base: str,
    metadata: Mapping[str, str],
) -> None:
    """Write a file atomically. base: fingerprint of the base model."""
    from safetensors.numpy import save_file

    own = {"format": kind.name, "version": str(kind.version), "base": base}
    described = {**metadata, **own}
    described["digest"] = _digest(tensors, described)
    temporary = path.with_name(path.name + ".new")
    save_file(dict(tensors), temporary, described)
    temporary.replace(path)


def read_weights(path: Path, kind: WeightsFormat, *, base: str | None = None) -> WeightsFile:
    """Read a file. base: required fingerprint of the base model, None for any.

    Raises WeightsUnusable if it is missing, damaged, of another kind or base, or newer than this release.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    except FileNotFoundError as error:
        raise WeightsUnusable(f"{path}: no such file of {kind.noun}") from error
    except (SafetensorError, OSError, ValueError, TypeError) as error:  # TypeError: bfloat16
        raise WeightsUnusable(
            f"{path}: is damaged or no file of {kind.noun} ({error}); take the one of this release again"
        ) from error
    if metadata.get("format") != kind.name:
        raise WeightsUnusable(f"{path}: is a safetensors file, but not of {kind.noun}")
    version = metadata.get("version", "")
    if not version.isdigit() or int(version) > kind.version:
        raise WeightsUnusable(
            f"{path}: has format version {version or 'unknown'}, this release reads up to {kind.version}; "
            "update Inyong, or take the file that came with it"
        )
    if metadata.get("digest") != _digest(tensors, metadata):
        raise WeightsUnusable(f"{path}: is damaged, its digest differs; take the one of this release again")
    if base is not None and metadata.get("base") != base:
        raise WeightsUnusable(
            f"{path}: was trained on the base model {metadata.get('base')}, but the one given is {base}; "
            "use the embedding model it was trained on"
        )
    return WeightsFile(tensors, metadata)


def _digest(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> str:
    """Return the SHA-256 of the tensors and the metadata, without the digest entry."""
    digest = hashlib.sha256()
    for name, value in sorted(metadata.items()):
        if name != "digest":
            digest.update(f"{name}={value}\n".encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tensor.shape} ".encode())
        digest.update(np.ascontiguousarray(tensor).tobytes())
    return digest.hexdigest()
