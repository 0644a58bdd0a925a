"""The store's documents, passages, vectors and change log; see `index.catalog.catalog`."""

from index.catalog.catalog import Catalog
from index.catalog.documents import TEXT_BLOCK_CHARS
from index.catalog.file import Access
from index.catalog.types import Change, NewPassage, StoredDocument, StoredPassage

__all__ = (
    "TEXT_BLOCK_CHARS",
    "Access",
    "Catalog",
    "Change",
    "NewPassage",
    "StoredDocument",
    "StoredPassage",
)
