"""Documents and passages for tests of the store, made without a reader or an embedder."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.store import Catalog, NewPassage, StoredDocument
from index.types import Span


def unit(*values: float) -> NDArray[np.float16]:
    """The vector of these coordinates, scaled to length 1."""
    vector = np.array(values, np.float32)
    return (vector / np.linalg.norm(vector)).astype(np.float16)


def make_document(
    ident: str, *, collection: str = "default", source: str = "", metadata: Mapping[str, str] | None = None
) -> StoredDocument:
    """A document's description; its text is given when it is stored."""
    return StoredDocument(
        id=ident,
        collection=collection,
        origin=f"/docs/{ident}",
        source=source or f"{ident}.txt",
        title=f"Title {ident}",
        media_type="text/plain",
        sha256=ident * 2,
        characters=0,
        modified_at="2026-01-29T09:00:00+00:00",
        metadata=metadata or {},
    )


def make_passage(
    start: int, end: int, *, words: str = "", vector: Sequence[float] = (1, 0), heading: str = ""
) -> NewPassage:
    """A passage of one sentence."""
    return NewPassage(
        span=Span(start, end),
        heading=heading,
        sentences=(Span(start, end),),
        tokens=words,
        embedding=unit(*vector),
    )


def put(catalog: Catalog, ident: str, *words: str, collection: str = "default") -> list[int]:
    """Stores a document with one passage for each of `words`; ids of the passages."""
    passages = [make_passage(i, i + 1, words=text) for i, text in enumerate(words)]
    catalog.put_document(make_document(ident, collection=collection), "x" * len(words), passages)
    return sorted(catalog.passage_ids([ident]))
