"""The project's glossary, English and Korean, as words of the lexical index; made once and kept in a file.

To take its thousands of entries apart needs a second or two. The file is derived: losing it costs these.
"""

import hashlib
import json
import os
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from index.terms import Entries, Glossary, WordSplitter, analyse_glossary

_FILES = "glossary-{digest}.json"
_DIGEST_CHARS = 16


def load_glossary(splitter: WordSplitter, analyzer: str, folder: Path) -> Glossary:
    """The glossary, from its file in the folder or, where that is missing or damaged, made anew.

    analyzer: name and version of what splits words; a file that another one made is not read.
    """
    text = files("index").joinpath("glossary.tsv").read_text(encoding="utf-8")
    digest = hashlib.sha256(f"{analyzer}\0{text}".encode()).hexdigest()[:_DIGEST_CHARS]
    path = folder / _FILES.format(digest=digest)
    entries = _read(path)
    if entries is None:
        entries = analyse_glossary(splitter, text)
        with suppress(OSError):  # a folder that cannot be written, a full disk: then it is made every time
            _keep(path, entries)
    return Glossary(entries)


def _read(path: Path) -> Entries | None:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {tuple(key): [tuple(words) for words in equivalents] for key, equivalents in stored} or None
    except (OSError, ValueError, TypeError):
        return None


def _keep(path: Path, entries: Entries) -> None:
    """Writes the file whole or not at all, and removes those of earlier versions."""
    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        partial.write_text(json.dumps(list(entries.items()), ensure_ascii=False), encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    for other in path.parent.glob(_FILES.format(digest="*")):
        if other != path:
            other.unlink(missing_ok=True)
