"""What the disk may answer, put into words: no space, no permission, not a folder; and durable writes."""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from service.errors import ModelUnavailable

CHUNK_BYTES = 1 << 20
_ADVICE = "set INYONG_MODELS to a folder that will do"


def check_free_space(needed_bytes: int, folder: Path, model: str) -> None:
    """Returns when the disk of `folder`, which exists, has room.

    Raises ModelUnavailable, naming both amounts, when it has not.
    """
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise ModelUnavailable(
            f"not enough disk space for {model}: it needs {in_words(needed_bytes)} and {folder} has "
            f"{in_words(free_bytes)} free; free some, or set INYONG_MODELS to a folder on a larger disk"
        )


def in_words(n_bytes: int) -> str:
    """A size as people read it, in decimal units: "1.12 GB", "72 MB"."""
    if n_bytes >= 10**9:
        return f"{n_bytes / 10**9:.2f} GB"
    if n_bytes >= 10**6:
        return f"{n_bytes / 10**6:.0f} MB"
    return f"{n_bytes:,} bytes"


def explain(error: OSError, folder: Path, model: str) -> ModelUnavailable:
    """The error to raise in place of one that the operating system gave while `folder` was written to."""
    where = error.filename or folder
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder, model)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ModelUnavailable(f"cannot write model {model} to {where}: {error.strerror}; {_ADVICE}")
    if isinstance(error, NotADirectoryError | FileExistsError):
        return ModelUnavailable(f"cannot write model {model} to {where}: not a folder; {_ADVICE}")
    return ModelUnavailable(f"cannot write model {model} to {where}: {error.strerror or error}")


def disk_full(folder: Path, model: str) -> ModelUnavailable:
    """The error to raise when writing stopped for lack of space."""
    return ModelUnavailable(
        f"the disk of {folder} is full and model {model} is not complete; free some space, or set "
        "INYONG_MODELS to a folder on a larger disk, then pull it again"
    )


def sha256_of(path: Path, advance: Callable[[int], None] | None = None) -> str:
    """Hexadecimal sha256 of a file. advance: told after each chunk how many bytes it held."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            if advance:
                advance(len(chunk))
    return digest.hexdigest()


def sync(path: Path) -> None:
    """Returns when the file, or the names in the folder, are on the disk itself."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder, and needs no telling
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
