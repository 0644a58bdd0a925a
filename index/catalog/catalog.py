"""The store: one SQLite database that alone decides what exists. FAISS and tantivy are derived from it.

A document, its text, its passages and their vectors are written in one transaction, and each such
transaction leaves a row in the change log, by which the derived indexes catch up. Readers see the old or
the new state of a document, never half of one.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.catalog import changes, documents, passages
from index.catalog.file import StoreFile
from index.catalog.types import Change, NewPassage, StoredDocument, StoredPassage
from index.errors import DocumentIdTaken
from index.spec import IndexSpec
from index.types import Span


class Catalog(StoreFile):
    """The documents, passages and vectors of one store. One connection a thread; safe to share."""

    # How the store was made

    def spec(self) -> IndexSpec | None:
        """How the store was made, or None while nothing has been indexed."""
        with self.reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'spec'").fetchone()
        return IndexSpec.from_json(row[0]) if row else None

    def save_spec(self, spec: IndexSpec) -> None:
        """Records how the store is made."""
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
        """Adds the document, or replaces the one with the same id or the same file, all or nothing.

        is_new: only the same file may be replaced; raises DocumentIdTaken when another has the id by now.
        Raises SpecMismatch when the store has another embedding model by now than `made_with`.
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
        """Replaces a document's passages and leaves its text as it is."""
        with self._writing() as connection:
            passages.delete_passages(connection, document_id)
            passages.insert_passages(connection, document_id, new_passages)

    def put_words(self, document_id: str, words: Mapping[int, str]) -> None:
        """Replaces the lexical words of a document's passages, by passage id, joined by spaces."""
        if words:
            with self._writing() as connection:
                passages.replace_words(connection, document_id, words)

    def move_document(self, document_id: str, origin: str, modified_at: str) -> None:
        """Records that an unchanged document now lies at `origin`."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE documents SET origin = ?, modified_at = ? WHERE id = ?",
                (origin, modified_at, document_id),
            )

    def remove_document(self, document_id: str) -> None:
        """Forgets the document and everything derived from it; does nothing when it is not there."""
        with self._writing() as connection:
            _forget(connection, document_id)

    def documents(self, ids: Iterable[str] | None = None) -> list[StoredDocument]:
        """All documents by collection and source, or those of `ids` that exist."""
        with self.reading() as connection:
            return documents.read_documents(connection, ids)

    def find_document(self, name: str) -> StoredDocument:
        """The one document whose id, source or title is `name`. Raises UnknownDocument."""
        with self.reading() as connection:
            return documents.read_documents(connection, [documents.id_of(connection, name)])[0]

    def read_text(self, document_id: str, span: Span | None = None) -> str:
        """The stored text, or the part of it that `span` covers; empty for an unknown document."""
        with self.reading() as connection:
            return documents.read_text(connection, document_id, span)

    def select_documents(self, collections: Sequence[str], filters: Mapping[str, str]) -> set[str] | None:
        """Ids of the documents that searches may see; None when nothing is left out.

        filters: `source`, `title`, `media_type`, `id` or any metadata key must equal the value; `date`
        matches the metadata's date or the modified time by its beginning ("2026", "2026-01").
        """
        if not collections and not filters:
            return None
        with self.reading() as connection:
            return documents.select_ids(connection, collections, filters)

    # Passages

    def passages(self, ids: Iterable[int]) -> dict[int, StoredPassage]:
        """The passages of `ids` that exist, by id, with their text."""
        with self.reading() as connection:
            return passages.read_passages(connection, ids)

    def passage_at(self, document_id: str, position: int) -> StoredPassage | None:
        """The passage that covers this code point of the document, None where none does."""
        with self.reading() as connection:
            return passages.read_passage_at(connection, document_id, position)

    def embeddings(self, ids: Iterable[int]) -> dict[int, NDArray[np.float16]]:
        """Embeddings of the passages of `ids` that exist, by id."""
        with self.reading() as connection:
            return passages.read_embeddings(connection, ids)

    def passage_ids(self, document_ids: Iterable[str]) -> list[int]:
        """Ids of all passages of the given documents."""
        with self.reading() as connection:
            return passages.passage_ids(connection, document_ids)

    def all_passage_ids(self) -> list[int]:
        """Ids of all passages, ascending."""
        with self.reading() as connection:
            return passages.all_passage_ids(connection)

    def vectors(self, first: int, end: int) -> Iterator[tuple[int, NDArray[np.float16]]]:
        """Id and embedding of the passages from `first` up to, not including, `end`, ascending."""
        with self.reading() as connection:
            yield from passages.read_vectors(connection, first, end)

    def tokens(self, first: int, end: int) -> Iterator[tuple[int, str, str, str]]:
        """Id, document id, lexical words, collection of the passages from `first` up to `end`, ascending."""
        with self.reading() as connection:
            yield from passages.read_tokens(connection, first, end)

    def words(self, ids: Iterable[int]) -> dict[int, list[str]]:
        """Lexical words of the passages of `ids` that exist, by id."""
        with self.reading() as connection:
            return passages.read_words(connection, ids)

    def count_passages(self, collections: Sequence[str]) -> int:
        """How many passages these collections hold."""
        with self.reading() as connection:
            return passages.count_passages(connection, collections)

    # The change log

    def last_change(self) -> int:
        """Number of the newest change, 0 in a store nothing was ever written to."""
        with self.reading() as connection:
            return changes.last_change(connection)

    def changes_since(self, seq: int) -> list[Change]:
        """Changes later than `seq`, oldest first."""
        with self.reading() as connection:
            return changes.read_changes(connection, seq)

    def counts(self) -> tuple[int, int]:
        """Numbers of documents and passages."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)"
            ).fetchone()
        return int(row[0]), int(row[1])

    def check(self) -> str:
        """What SQLite finds wrong with the file, "" when it is whole. Reads all of it."""
        with self.reading() as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        return "" if found == "ok" else str(found)


def _forget(connection: sqlite3.Connection, document_id: str) -> None:
    passages.delete_passages(connection, document_id)
    documents.delete_document(connection, document_id)
