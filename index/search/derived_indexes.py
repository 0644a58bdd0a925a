"""The two derived indexes of one store: opened, repaired, synchronised with the catalog and saved.

Losing or damaging their files costs time, never data. If the store's folder is read-only, both live in
memory.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from filelock import FileLock, Timeout

from index.errors import StoreUnavailable
from index.search.keyword_index import LexicalIndex, discard_lexical, lexical_watermark
from index.search.vector_index import VectorIndex, load_vectors
from index.store import Catalog

VECTORS_FILE = "vectors.faiss"
LEXICAL_FOLDER = "lexical"
_LOCK_TIMEOUT_S = 60
_SAVE_AFTER_CHANGES = 64  # a process that only searches saves its updates only beyond this many


class DerivedIndexes:
    """The dense and the lexical index of one store. Thread-safe; updates are serialised."""

    def __init__(self, catalog: Catalog, dimension: int, notify: Callable[[str], None]) -> None:
        """Open or rebuild both. notify: called with one sentence for each file that is rebuilt."""
        self._catalog = catalog
        self._folder = catalog.path.parent
        self._notify = notify
        self._thread_lock = RLock()
        self._writable = os.access(self._folder, os.W_OK)
        self._file_lock = FileLock(self._folder / "derived.lock", timeout=_LOCK_TIMEOUT_S)
        self._unsaved = False
        with self._process_lock():
            self.vectors = self._open_vectors(dimension)
            self.lexical = self._open_lexical()
            self.catch_up(save=self._unsaved)  # so that a rebuild is not repeated

    def catch_up(self, *, save: bool = False) -> None:
        """Apply the newest changes to both. save: write the vectors to disk however few those were."""
        with self._thread_lock:
            last = self._catalog.last_change()
            behind = last - self.vectors.watermark
            self.vectors.catch_up(self._catalog)
            if self.lexical.watermark != last:
                with self._process_lock():
                    self._catch_up_lexical()
            self._unsaved = self._unsaved or behind > 0
            if self._writable and (behind > _SAVE_AFTER_CHANGES or (save and self._unsaved)):
                with self._process_lock():
                    self._save_vectors()

    def in_step(self) -> bool:
        """Return whether both have applied the catalog's last change."""
        last = self._catalog.last_change()
        return self.vectors.watermark == last == self.lexical.watermark

    def _open_vectors(self, dimension: int) -> VectorIndex:
        loaded = load_vectors(self._folder / VECTORS_FILE, dimension, self._catalog.last_change())
        if loaded.problem:
            self._notify(f"{VECTORS_FILE} was {loaded.problem}; it is made again from the store")
        self._unsaved = loaded.problem is not None
        return loaded.index

    def _open_lexical(self) -> LexicalIndex:
        if not self._writable:
            return LexicalIndex(None)
        folder = self._folder / LEXICAL_FOLDER
        try:
            index = LexicalIndex(folder)
            if index.watermark <= self._catalog.last_change():
                return index
            problem = "made for another store"
        except ValueError as error:
            problem = str(error)
        self._notify(f"the lexical index was {problem}; it is made again from the store")
        discard_lexical(folder)
        return LexicalIndex(folder)

    def _catch_up_lexical(self) -> None:
        try:
            self.lexical.reload()  # another process may have updated or damaged it
            self.lexical.catch_up(self._catalog)
        except (ValueError, OSError) as error:
            if _is_disk_full(error):
                raise StoreUnavailable(
                    f"{self._folder}: the disk is full; no document was lost, free some space and run the "
                    "same command again"
                ) from error
            self._notify(f"the lexical index was damaged ({error}); it is made again from the store")
            discard_lexical(self._folder / LEXICAL_FOLDER)
            self.lexical = LexicalIndex(self.lexical.folder)
            self.lexical.catch_up(self._catalog)

    def _save_vectors(self) -> None:
        try:
            self.vectors.save(self._folder / VECTORS_FILE)
            self._unsaved = False
        except OSError as error:
            self._notify(
                f"{VECTORS_FILE} could not be saved ({error.strerror}); it is made again at the next start"
            )

    @contextmanager
    def _process_lock(self) -> Iterator[None]:
        if not self._writable:
            yield
            return
        try:
            with self._file_lock:
                yield
        except Timeout as error:
            raise StoreUnavailable(
                f"{self._folder}: another process has been updating the search indexes for {_LOCK_TIMEOUT_S} "
                "seconds; try again when it is done"
            ) from error


def _is_disk_full(error: BaseException) -> bool:
    return "No space left" in str(error) or "os error 28" in str(error)


def derived_files(home: Path) -> tuple[Path, Path]:
    """Return the paths of a store's dense and lexical index."""
    return home / VECTORS_FILE, home / LEXICAL_FOLDER


def inspect_derived(catalog: Catalog, dimension: int) -> list[tuple[str, str]]:
    """Return each derived index's name and problem: damaged, missing, behind; "" if up to date.

    Changes nothing: the next search or indexing run makes the repairs.
    """
    last = catalog.last_change()
    vectors, lexical = derived_files(catalog.path.parent)
    loaded = load_vectors(vectors, dimension, last)
    found = [(VECTORS_FILE, loaded.problem or _lag(loaded.index.watermark, last))]
    try:
        found.append((LEXICAL_FOLDER, _lag(lexical_watermark(lexical), last)))
    except ValueError as error:
        found.append((LEXICAL_FOLDER, str(error)))
    return found


def _lag(watermark: int, last: int) -> str:
    return f"{last - watermark} changes behind" if watermark < last else ""
