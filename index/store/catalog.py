"""The store: one SQLite database, the source of truth. The FAISS and tantivy indexes are derived from it.

A document, its text, passages and embeddings are written in one transaction, which also appends to the change
log from which the derived indexes update. Readers see a document's old or new state, never a mixture.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.errors import DocumentIdTaken
from index.store import changes, documents, passages
from index.store.file import StoreFile
from index.store.spec import IndexSpec
from index.store.types import Change, NewPassage, StoredDocument, StoredPassage
from index.types import Span


class Catalog(StoreFile):
    """The documents, passages and embeddings of one store. One connection per thread; thread-safe."""

    # Spec

    def spec(self) -> IndexSpec | None:
        """Return the spec the store was built with, or None before anything is indexed."""
        with self.reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'spec'").fetchone()
        return IndexSpec.from_json(row[0]) if row else None

    def save_spec(self, spec: IndexSpec) -> None:
        """Store the spec."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('spec', ?)", (spec.to_json(),))

    # Documents

    def put_document(
        self,
        document: StoredDocument,
        text: str,
        new_passages: Sequence[NewPassage],
        made_with: IndexSpec | None = None,
        *,
        is_new: bool = False,
    ) -> None:
        """Insert the document, replacing any with the same id or the same file, atomically.

        is_new: replace only the same file; raises DocumentIdTaken if another document has the id.
        Raises SpecMismatch if the store's embedding model differs from that of `made_with`.
        """
        with self._writing() as connection:
            spec = self.spec()
            if made_with and spec:
                spec.require_same_embedding(made_with)
            same_file = documents.id_of_file(connection, document.collection, document.origin)
            if same_file:
                _forget(connection, same_file)
            if is_new and documents.read_documents(connection, [document.id]):
                raise DocumentIdTaken(f"{document.id}: another document has this id")
            _forget(connection, document.id)
            documents.insert_document(connection, document, text)
            passages.insert_passages(connection, document.id, new_passages)

    def put_passages(self, document_id: str, new_passages: Sequence[NewPassage]) -> None:
        """Replace a document's passages, leaving its text unchanged."""
        with self._writing() as connection:
            passages.delete_passages(connection, document_id)
            passages.insert_passages(connection, document_id, new_passages)

    def put_words(self, document_id: str, words: Mapping[int, str]) -> None:
        """Replace lexical tokens of a document's passages. words: by passage id, space-joined."""
        if words:
            with self._writing() as connection:
                passages.replace_words(connection, document_id, words)

    def move_document(self, document_id: str, origin: str, modified_at: str) -> None:
        """Update the location of an unchanged document. modified_at: ISO 8601, UTC."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE documents SET origin = ?, modified_at = ? WHERE id = ?",
                (origin, modified_at, document_id),
            )

    def remove_document(self, document_id: str) -> None:
        """Delete the document and everything derived from it; a no-op if it does not exist."""
        with self._writing() as connection:
            _forget(connection, document_id)

    def documents(self, ids: Iterable[str] | None = None) -> list[StoredDocument]:
        """Return all documents by collection and source, or the existing ones among `ids`."""
        with self.reading() as connection:
            return documents.read_documents(connection, ids)

    def find_document(self, name: str) -> StoredDocument:
        """Resolve an id, source or title to a document. Raises UnknownDocument if none or several match."""
        with self.reading() as connection:
            return documents.read_documents(connection, [documents.id_of(connection, name)])[0]

    def read_text(self, document_id: str, span: Span | None = None) -> str:
        """Return the stored text, or the part that `span` covers; empty for an unknown document."""
        with self.reading() as connection:
            return documents.read_text(connection, document_id, span)

    def select_documents(self, collections: Sequence[str], filters: Mapping[str, str]) -> set[str] | None:
        """Return the ids of the documents visible to a search, or None if it is unrestricted.

        filters: `source`, `title`, `media_type`, `id` or a metadata key must equal the value; `date` is a
        prefix ("2026", "2026-01") of the metadata's date or, without one, of the modification time.
        """
        if not collections and not filters:
            return None
        with self.reading() as connection:
            return documents.select_ids(connection, collections, filters)

    # Passages

    def passages(self, ids: Iterable[int]) -> dict[int, StoredPassage]:
        """Return the existing passages among `ids`, by id, with their text."""
        with self.reading() as connection:
            return passages.read_passages(connection, ids)

    def embeddings(self, ids: Iterable[int]) -> dict[int, NDArray[np.float16]]:
        """Return the embeddings of the existing passages among `ids`, by id."""
        with self.reading() as connection:
            return passages.read_embeddings(connection, ids)

    def passage_ids(self, document_ids: Iterable[str]) -> list[int]:
        """Return the ids of all passages of the given documents."""
        with self.reading() as connection:
            return passages.passage_ids(connection, document_ids)

    def all_passage_ids(self) -> list[int]:
        """Return the ids of all passages, ascending."""
        with self.reading() as connection:
            return passages.all_passage_ids(connection)

    def vectors(self, first: int, end: int) -> Iterator[tuple[int, NDArray[np.float16]]]:
        """Yield id and embedding of the passages in [first, end), ascending."""
        with self.reading() as connection:
            yield from passages.read_vectors(connection, first, end)

    def tokens(self, first: int, end: int) -> Iterator[tuple[int, str, str, str]]:
        """Yield id, document id, lexical tokens and collection of the passages in [first, end), ascending."""
        with self.reading() as connection:
            yield from passages.read_tokens(connection, first, end)

    def words(self, ids: Iterable[int]) -> dict[int, list[str]]:
        """Return the lexical tokens of the existing passages among `ids`, by id."""
        with self.reading() as connection:
            return passages.read_words(connection, ids)

    def count_passages(self, collections: Sequence[str]) -> int:
        """Return the number of passages in these collections."""
        with self.reading() as connection:
            return passages.count_passages(connection, collections)

    # Change log

    def last_change(self) -> int:
        """Return the sequence number of the latest change, 0 if nothing was ever written."""
        with self.reading() as connection:
            return changes.last_change(connection)

    def changes_since(self, seq: int) -> list[Change]:
        """Return the changes after `seq`, oldest first."""
        with self.reading() as connection:
            return changes.read_changes(connection, seq)

    def counts(self) -> tuple[int, int]:
        """Return the numbers of documents and passages."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)"
            ).fetchone()
        return int(row[0]), int(row[1])

    def check(self) -> str:
        """Run SQLite's integrity check, which reads the whole file; return its first finding or ""."""
        with self.reading() as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        return "" if found == "ok" else str(found)


def _forget(connection: sqlite3.Connection, document_id: str) -> None:
    passages.delete_passages(connection, document_id)
    documents.delete_document(connection, document_id)
