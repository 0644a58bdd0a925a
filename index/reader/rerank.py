"""Search hits and their readings: read together, then ordered by both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.reader.types import Reader, ReaderPassage, Reading
from index.search import Searcher, SearchScope
from index.types import Hit

CANDIDATES = 20  # passages that are read where fewer are wanted
MOST_READ = 100  # passages that are read at most, however many are wanted

# Share of the standardised search score beside the standardised reader score; not tuned yet.
SEARCH_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class ReadHit:
    """A search hit with what the reader found in it."""

    hit: Hit
    reading: Reading


def read_hits(reader: Reader, question: str, hits: Sequence[Hit]) -> list[ReadHit]:
    """Read every hit, in the order given."""
    readings = reader.read(question, [ReaderPassage.from_hit(hit) for hit in hits])
    return [ReadHit(hit, reading) for hit, reading in zip(hits, readings, strict=True)]


def search_and_read(
    searcher: Searcher, reader: Reader, question: str, k: int, scope: SearchScope | None = None
) -> list[ReadHit]:
    """Search, read the best passages and return the best `k` of them in the order of both."""
    hits = searcher.search(question, max(k, CANDIDATES), scope)
    read = read_hits(reader, question, hits[:MOST_READ])
    return rerank(read)[:k]


def rerank(read: Sequence[ReadHit], *, search_weight: float = SEARCH_WEIGHT) -> list[ReadHit]:
    """Order read hits by the reader's and the search's standardised scores, best first.

    Each returned hit has the sum as its score, comparable within this list only.
    """
    if not read:
        return []
    reader = _standardise([item.reading.score for item in read])
    search = _standardise([item.hit.score for item in read])
    scores = (1 - search_weight) * reader + search_weight * search
    order = sorted(range(len(read)), key=lambda i: (-scores[i], i))
    return [ReadHit(replace(read[i].hit, score=float(scores[i])), read[i].reading) for i in order]


def _standardise(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    scores = np.asarray(values, dtype=np.float64)
    deviation = float(scores.std())
    return (scores - scores.mean()) / deviation if deviation > 1e-12 else np.zeros_like(scores)
