"""Bytes on their way in: written to disk as they come, kept when accepted, gone when not."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import StoreUnavailable


class Reception:
    """Bytes on their way in, in a file of their own that vanishes unless they are accepted."""

    def __init__(self, folder: Path) -> None:
        """Raises StoreUnavailable."""
        self.path = folder / f"{secrets.token_hex(16)}.partial"
        self.size = 0
        self._hash = hashlib.sha256()
        with _disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.fdopen(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")

    @property
    def sha256(self) -> str:
        """Of the bytes so far."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Takes the next bytes. Raises StoreUnavailable, such as for a full disk."""
        with _disk_errors(self.path):
            self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def settle(self, path: Path) -> None:
        """Puts all bytes at `path`, to stay through a power cut. Raises StoreUnavailable."""
        with _disk_errors(path):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self.path.replace(path)
            _sync_folder(path.parent)

    def discard(self) -> None:
        """Leaves nothing."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"{path}: cannot be written ({error.strerror or error})") from error


def _sync_folder(folder: Path) -> None:
    """Makes renames in it last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
