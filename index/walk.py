"""From a path to the files under it that can be read."""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.origin import file_origin
from index.progress import UpdateReport
from index.readers.registry import SUPPORTED_SUFFIXES


@dataclass(frozen=True, slots=True)
class File:
    """A file to index. source: as people are shown it."""

    path: Path  # absolute
    source: str

    @property
    def origin(self) -> str:
        """The path as the store keeps it."""
        return file_origin(self.path)


def find_files(path: Path, home: Path, report: UpdateReport) -> Iterator[File]:
    """Readable kinds of files under `path`, in a stable order; links, hidden and other files are left out.

    Links are not followed: what they point to inside the folder is found anyway, and what lies outside
    was not asked for. So a loop of links cannot trap the walk either.
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
    """A file name as people read it: composed Hangul, and no bytes that are not text."""
    readable = os.fsencode(name).decode("utf-8", "replace")
    return unicodedata.normalize("NFC", readable)
