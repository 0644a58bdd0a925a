"""File discovery: the readable files under a path."""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.formats.registry import SUPPORTED_SUFFIXES
from index.indexing.origin import file_origin
from index.indexing.progress import UpdateReport


@dataclass(frozen=True, slots=True)
class File:
    """A file to index. source: its display name."""

    path: Path  # absolute
    source: str

    @property
    def origin(self) -> str:
        """Return the path as stored."""
        return file_origin(self.path)


def find_files(path: Path, home: Path, report: UpdateReport) -> Iterator[File]:
    """Yield the files of supported formats under `path` in a stable order, without links and hidden files.

    Links are not followed: targets inside the folder are found anyway, and those outside were not requested.
    This also rules out endless loops.
    """
    path = path.resolve()
    if path.is_file():
        yield File(path, _shown(path.name))
        return
    home = home.resolve()

    def denied(error: OSError) -> None:
        report.failed.append((_shown(str(error.filename)), f"cannot be read: {error.strerror}"))

    for folder, names, files in os.walk(path, onerror=denied):
        names[:] = sorted(n for n in names if not n.startswith(".") and Path(folder, n).resolve() != home)
        for name in list(names):
            if Path(folder, name).is_symlink():
                names.remove(name)
                relative = _shown(str(Path(folder, name).relative_to(path)))
                report.skipped.append((relative, "a symbolic link; index its target directly"))
        for name in sorted(files):
            file = Path(folder, name)
            source = _shown(str(file.relative_to(path)))
            if name.startswith("."):
                continue
            if file.is_symlink():
                report.skipped.append((source, "a symbolic link; index its target directly"))
            elif not file.is_file():
                report.skipped.append((source, "not an ordinary file"))
            elif file.suffix.lower() not in SUPPORTED_SUFFIXES:
                report.skipped.append((source, f"no reader for {file.suffix or 'files without a suffix'}"))
            else:
                yield File(file, source)


def _shown(name: str) -> str:
    """Return a file name for display: composed Hangul, undecodable bytes replaced."""
    readable = os.fsencode(name).decode("utf-8", "replace")
    return unicodedata.normalize("NFC", readable)
