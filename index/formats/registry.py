"""The registry of readers by file suffix; new formats are added here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from index.errors import UnreadableDocument, UnsupportedFormat
from index.formats.html import read_html
from index.formats.markdown import read_markdown
from index.formats.text import read_text
from index.types import Document


@dataclass(frozen=True, slots=True)
class Reader:
    """A file format: its suffixes, its media type and its parser, called with bytes and media type."""

    suffixes: tuple[str, ...]
    media_type: str
    read: Callable[[bytes, str], Document]


READERS = (
    Reader((".txt", ".text"), "text/plain", read_text),
    Reader((".md", ".markdown"), "text/markdown", read_markdown),
    Reader((".html", ".htm"), "text/html", read_html),
)
_BY_SUFFIX = {suffix: reader for reader in READERS for suffix in reader.suffixes}
SUPPORTED_SUFFIXES = tuple(sorted(_BY_SUFFIX))
_READABLE = re.compile(r"[^\W_]")


def read_document(path_name: str, data: bytes) -> Document:
    """Parse a file of this name and content.

    Raises UnsupportedFormat for an unknown suffix, UnreadableDocument if the content does not match the
    suffix or has no letter and no digit. The messages omit the file name, which the caller adds.
    """
    suffix = PurePath(path_name).suffix.lower()
    reader = _BY_SUFFIX.get(suffix)
    if reader is None:
        kind = f"{suffix} files" if suffix else "files without a suffix"
        raise UnsupportedFormat(f"no reader for {kind}; supported: {', '.join(SUPPORTED_SUFFIXES)}")
    document = reader.read(data, reader.media_type)
    if not _READABLE.search(document.text):
        raise UnreadableDocument("holds no readable text")
    return document
