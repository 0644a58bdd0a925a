"""Which reader reads which file: the one table to add a format to."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from index.errors import UnreadableDocument, UnsupportedFormat
from index.readers.html import read_html
from index.readers.markdown import read_markdown
from index.readers.text import read_text
from index.types import Document


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: its file suffixes, its media type, and what makes a document of bytes and media type."""

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
    """The document in a file of this name and content.

    Raises UnsupportedFormat when no reader knows the suffix, UnreadableDocument when the content is not what
    the suffix says or holds no letter and no digit. Neither message names the file: the caller does.
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
