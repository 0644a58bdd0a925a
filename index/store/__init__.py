"""Storage of documents, passages, embeddings and the change log; see `index.store.catalog`."""

from index.store.catalog import Catalog
from index.store.documents import TEXT_BLOCK_CHARS
from index.store.file import Access
from index.store.types import Change, NewPassage, StoredDocument, StoredPassage

__all__ = (
    "TEXT_BLOCK_CHARS",
    "Access",
    "Catalog",
    "Change",
    "NewPassage",
    "StoredDocument",
    "StoredPassage",
)
