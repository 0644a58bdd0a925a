"""Dense search: FAISS over normalised vectors, derived from the catalog. Passage ids only, no text.

The saved file holds the number of the last change applied and a checksum; a file that is missing, damaged or
from another store is rebuilt from the catalog.
"""

import json
import os
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.locks import SharedLock
from index.store import Catalog

_MAGIC = b"INYONGVEC1\n"
_BATCH = 4096


class VectorIndex:
    """Exact inner-product search over the catalog's embeddings, float16, in memory.

    Searches run concurrently, but wait while the index changes, since FAISS moves its rows.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.watermark = 0
        self._index = _empty(dimension)
        self._lock = SharedLock()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, query: NDArray[np.float32], k: int, allowed: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return ids and cosines in [-1, 1] of the nearest `k` passages, best first.

        query: (dim,), unit length. allowed: ids of the passages to search; None: all.
        """
        faiss = _faiss()
        if not len(self) or (allowed is not None and not allowed):
            return []
        parameters = None
        if allowed is not None:
            ids = np.fromiter(allowed, dtype=np.int64, count=len(allowed))
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(ids))
        with self._lock.reading():
            scores, rows = self._index.search(query.reshape(1, -1), min(k, len(self)), params=parameters)
        found = [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))  # FAISS orders ties arbitrarily

    def catch_up(self, catalog: Catalog) -> int:
        """Apply the catalog's changes since the watermark; return their number."""
        faiss = _faiss()
        with catalog.reading():
            changes = catalog.changes_since(self.watermark)
            if not changes:
                return 0
            with self._lock.writing():
                for change in changes:
                    if not change.added:
                        self._index.remove_ids(faiss.IDSelectorRange(change.first, change.end))
                added = _merge_ranges([(c.first, c.end) for c in changes if c.added])
                for first, end in added:
                    # Deleting first makes replaying a change idempotent.
                    self._index.remove_ids(faiss.IDSelectorRange(first, end))
                    self._add(catalog, first, end)
            self.watermark = changes[-1].seq
        return len(changes)

    def _add(self, catalog: Catalog, first: int, end: int) -> None:
        ids: list[int] = []
        rows: list[NDArray[np.float16]] = []
        for passage_id, embedding in catalog.vectors(first, end):
            ids.append(passage_id)
            rows.append(embedding)
            if len(ids) == _BATCH:
                self._index.add_with_ids(np.array(rows, np.float32), np.array(ids, np.int64))
                ids, rows = [], []
        if ids:
            self._index.add_with_ids(np.array(rows, np.float32), np.array(ids, np.int64))

    def save(self, path: Path) -> None:
        """Write the index atomically. Raises OSError."""
        import faiss

        body = faiss.serialize_index(self._index).tobytes()
        checksum = _checksum(self.watermark, self.dimension, body)
        header = {"watermark": self.watermark, "dimension": self.dimension, "crc32": checksum}
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        try:
            with partial.open("wb") as file:
                file.write(_MAGIC + json.dumps(header).encode() + b"\n")
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class LoadedVectors:
    """The index loaded from disk, or an empty one and why the file could not be used."""

    index: VectorIndex
    problem: str | None


def load_vectors(path: Path, dimension: int, last_change: int) -> LoadedVectors:
    """Load the saved index if it is intact and of this store; otherwise return an empty one and why."""
    import faiss

    index = VectorIndex(dimension)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return LoadedVectors(index, "missing" if last_change else None)
    except OSError as error:
        return LoadedVectors(index, f"unreadable ({error.strerror})")
    try:
        if not data.startswith(_MAGIC):
            return LoadedVectors(index, "damaged")
        header_end = data.index(b"\n", len(_MAGIC))
        header = json.loads(data[len(_MAGIC) : header_end])
        body = memoryview(data)[header_end + 1 :]
        if _checksum(header["watermark"], header["dimension"], body) != header["crc32"]:
            return LoadedVectors(index, "damaged")
        if header["dimension"] != dimension or header["watermark"] > last_change:
            return LoadedVectors(index, "made for another store")
    except (ValueError, KeyError, TypeError):
        return LoadedVectors(index, "damaged")
    try:
        # Only bytes that passed the checksum reach FAISS, which may crash on others.
        index._index = faiss.deserialize_index(np.frombuffer(body, dtype=np.uint8))
    except RuntimeError:
        return LoadedVectors(index, "written by another version of FAISS")
    index.watermark = int(header["watermark"])
    return LoadedVectors(index, None)


def _checksum(watermark: int, dimension: int, body: bytes | memoryview) -> int:
    return zlib.crc32(body, zlib.crc32(f"{watermark} {dimension}".encode()))


def _faiss() -> Any:
    """Return FAISS, limited to the calling thread.

    It parallelises over queries, but each search has only one, so further threads would merely wait and slow
    the language model (see `index.one_thread`).
    """
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss


def _empty(dimension: int) -> Any:
    import faiss

    flat = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    return faiss.IndexIDMap(flat)


def _merge_ranges(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ranges in ascending order, adjacent and overlapping ones merged."""
    merged: list[tuple[int, int]] = []
    for first, end in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((first, end))
    return merged
