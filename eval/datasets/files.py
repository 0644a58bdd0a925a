"""Files of question sets: size-limited reads and atomic writes."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from eval.datasets.records import Record, parse_record
from eval.errors import BadQuestionSet

MOST_FILE_BYTES = 512 << 20  # of a file that must be parsed in one piece
MOST_LINE_BYTES = 32 << 20  # of one record; also the store's limit for one document


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open the file for reading bytes. Raises BadQuestionSet unless it is a regular, readable file."""
    try:
        # Checked before opening: opening a pipe would block until something writes to it.
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise BadQuestionSet(f"{path}: is a folder, not a file")
        if not stat.S_ISREG(kind):
            raise BadQuestionSet(f"{path}: is not an ordinary file")
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise BadQuestionSet(f"{path}: no such file") from error
    except OSError as error:
        raise BadQuestionSet(f"{path}: cannot be read ({error.strerror or error})") from error


def read_whole(path: Path, most_bytes: int = MOST_FILE_BYTES) -> bytes:
    """Return the bytes of the file. Raises BadQuestionSet if it is unreadable, empty or too large."""
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most_bytes:
            raise BadQuestionSet(
                f"{path}: {size / 1e6:,.0f} MB is more than the limit of {most_bytes / 1e6:,.0f} MB; "
                "split the file"
            )
        data = file.read()
    if not data:
        raise BadQuestionSet(f"{path}: the file is empty")
    return data


def read_json(path: Path) -> Record:
    """Read the single JSON object in the file. Raises BadQuestionSet."""
    return parse_record(_utf8(read_whole(path), str(path)), str(path))


def read_json_lines(path: Path, most_line_bytes: int = MOST_LINE_BYTES) -> Iterator[Record]:
    """Yield the JSON objects of a JSON Lines file, skipping blank lines. Raises BadQuestionSet."""
    with opened(path) as file:
        number = 0
        while line := file.readline(most_line_bytes + 1):
            number += 1
            place = f"{path}, line {number}"
            if len(line) > most_line_bytes:
                raise BadQuestionSet(f"{place}: is longer than the limit of {most_line_bytes / 1e6:,.1f} MB")
            text = _utf8(line, place)
            if text.strip():
                yield parse_record(text, place)


def _utf8(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadQuestionSet(f"{place}: is not UTF-8 text; save the file as UTF-8") from error


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write the lines to `path` atomically, replacing an existing file."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.writelines(f"{line}\n".encode() for line in lines)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
