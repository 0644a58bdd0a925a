"""Check disk space, hash and sync files, and turn errors of the disk into messages."""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from service.errors import ModelUnavailable

_CHUNK_BYTES = 1 << 20


def check_free_space(needed_bytes: int, folder: Path, model: str) -> None:
    """Raise ModelUnavailable, naming both amounts, if the disk of `folder`, which exists, lacks space."""
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise ModelUnavailable(
            f"not enough disk space for {model}: it needs {needed_bytes / 1e6:,.0f} MB and {folder} has "
            f"{free_bytes / 1e6:,.0f} MB free; free some, or set INYONG_MODELS to a folder on a larger disk"
        )


def explain(error: OSError, folder: Path, model: str) -> ModelUnavailable:
    """Return the error to raise for an OSError that occurred while writing to `folder`."""
    where = error.filename or folder
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder, model)
    reason = error.strerror or str(error)
    if isinstance(error, NotADirectoryError | FileExistsError):
        reason = "not a folder"
    advice = "set INYONG_MODELS to a folder that will do"
    return ModelUnavailable(f"cannot write model {model} to {where}: {reason}; {advice}")


def disk_full(folder: Path, model: str) -> ModelUnavailable:
    """Return the error to raise when the disk is full."""
    return ModelUnavailable(
        f"the disk of {folder} is full and model {model} is not complete; free some space, or set "
        "INYONG_MODELS to a folder on a larger disk, then pull it again"
    )


def read_chunks(file: IO[bytes], advance: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """Yield the rest of a file in chunks. advance: receives the size of each in bytes."""
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
        if advance:
            advance(len(chunk))


def sha256_of(path: Path, advance: Callable[[int], None] | None = None) -> str:
    """Return the hexadecimal sha256 of a file. advance: receives the size of each chunk in bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in read_chunks(file, advance):
            digest.update(chunk)
    return digest.hexdigest()


def sync(path: Path) -> None:
    """Flush a file, or the names in a folder, to disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder, and need not
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
