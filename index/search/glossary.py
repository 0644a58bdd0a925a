"""The project's English-Korean glossary as lexical tokens, cached in a file.

Analysing its thousands of entries takes a second or two; losing the cache costs only that.
"""

import hashlib
import json
import os
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from index.search.terms import Entries, Glossary, WordSplitter, analyse_glossary

_FILES = "glossary-{digest}.json"
_DIGEST_CHARS = 16


def load_glossary(splitter: WordSplitter, analyzer: str, folder: Path) -> Glossary:
    """Return the glossary from its cache in `folder`, rebuilt if missing or damaged.

    analyzer: name and version of the tokeniser; a cache made by another one is ignored.
    """
    text = files("index.search").joinpath("glossary.tsv").read_text(encoding="utf-8")
    digest = hashlib.sha256(f"{analyzer}\0{text}".encode()).hexdigest()[:_DIGEST_CHARS]
    path = folder / _FILES.format(digest=digest)
    entries = _read(path)
    if entries is None:
        entries = analyse_glossary(splitter, text)
        with suppress(OSError):  # read-only folder or full disk: rebuilt at every start
            _keep(path, entries)
    return Glossary(entries)


def _read(path: Path) -> Entries | None:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {tuple(key): [tuple(words) for words in equivalents] for key, equivalents in stored} or None
    except (OSError, ValueError, TypeError):
        return None


def _keep(path: Path, entries: Entries) -> None:
    """Write the file atomically and remove those of earlier versions."""
    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        partial.write_text(json.dumps(list(entries.items()), ensure_ascii=False), encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    for other in path.parent.glob(_FILES.format(digest="*")):
        if other != path:
            other.unlink(missing_ok=True)
