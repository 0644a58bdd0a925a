"""Texts of documents as a store holds them, read from files or from a store without loading a model."""

import os
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eval.errors import BadQuestionSet
from index.errors import UnreadableDocument
from index.formats.normalise import normalise
from index.formats.registry import SUPPORTED_SUFFIXES, read_document

if TYPE_CHECKING:
    from service.inyong import Inyong


@dataclass(frozen=True, slots=True)
class StoredTexts:
    """Texts by source, in stored form. unreadable: the reason by source, for files without a document."""

    texts: Mapping[str, str]
    unreadable: Mapping[str, str]


def stored_form(raw: str) -> str:
    """Return the text that a store holds for a plain text file with this content. Idempotent.

    Raises UnreadableDocument if it contains nothing to read.
    """
    # Normalised first, so that `raw` can be encoded and is not detected as another encoding.
    return read_document("document.txt", normalise(raw).strip("\n").encode()).text


def read_files(path: Path) -> StoredTexts:
    """Return the documents that indexing the file or folder would store, by their source in the store.

    Raises BadQuestionSet if the path cannot be read.
    """
    texts: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    try:
        files = [(path.name, path)] if path.is_file() else list(_files_below(path))
    except OSError as error:
        raise BadQuestionSet(f"{path}: cannot be read ({error.strerror or error})") from error
    for name, file in files:
        source = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
        try:
            texts[source] = read_document(file.name, file.read_bytes()).text
        except UnreadableDocument as error:
            unreadable[source] = str(error)
        except OSError as error:
            unreadable[source] = f"cannot be read: {error.strerror or error}"
    return StoredTexts(texts, unreadable)


def read_store(inyong: "Inyong") -> StoredTexts:
    """Return the documents of the store, by source. Raises StoreUnavailable."""
    return StoredTexts({document.source: inyong.text(document.id) for document in inyong.documents()}, {})


def _files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files that indexing the folder would read: no hidden files, links or unknown types."""

    def denied(error: OSError) -> None:
        raise error

    for parent, folders, names in os.walk(folder, onerror=denied):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(parent, name)
            is_readable = file.suffix.lower() in SUPPORTED_SUFFIXES and not name.startswith(".")
            if is_readable and file.is_file() and not file.is_symlink():
                yield str(file.relative_to(folder)), file
