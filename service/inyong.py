"""The Python API: index documents, search them, answer questions with citations.

>>> from service import Inyong
>>> with Inyong(home="team-documents") as inyong:
...     inyong.index(["reports"])
...     answer = inyong.ask("예산은 얼마인가요?")
...     for citation in answer.citations:
...         assert citation.quote == inyong.text(citation.document_id, citation.start, citation.end)
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from index.embedding.embedder import Embedder
from index.errors import IndexingError, StoreUnavailable
from index.indexing.indexer import Indexer, Options
from index.indexing.progress import Progress, UpdateReport
from index.reader.rerank import ReadHit, search_and_read
from index.reader.trained import TrainedReader
from index.reader.types import Reader
from index.search.searcher import Searcher, SearchScope
from index.store import Access, Catalog, StoredDocument
from index.types import Hit, Span
from service import wiring
from service.answering.listener import Listener
from service.answering.pipeline import Parts, answer_question, check_question
from service.answering.types import Answer, Request, Turn
from service.collecting import collecting_seldom
from service.errors import BadSetting
from service.settings import BUNDLED_READER, NO_READER, Settings, load_settings

Notify = Callable[[str], None]


class Inyong:
    """One store and the models that read it. Models are loaded on first use and released by `close`."""

    def __init__(
        self,
        home: str | Path | None = None,
        *,
        settings: Settings | None = None,
        notify: Notify = lambda message: None,
        may_be_empty: bool = False,
        **overrides: object,
    ) -> None:
        """Read the settings; the store is opened and models are loaded on first use.

        home: the store's folder. settings: complete settings; by default they are read as by the command
        line, with `overrides` (names of Settings' fields) taking precedence. notify: receives one-sentence
        notices for the user, such as that a damaged index was rebuilt. may_be_empty: create the store if it
        is missing, and let searches of an empty one find nothing; otherwise they raise StoreUnavailable.
        Raises BadSetting.
        """
        self.settings = settings or load_settings({"home": home, **overrides}).settings
        self._notify = notify
        self._may_be_empty = may_be_empty
        self._loading = threading.RLock()  # concurrent first callers load each model once
        self._opening = threading.RLock()  # separate, so that documents can be read while models load
        self._catalogs: dict[Access, Catalog] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store and release the models."""
        for catalog in self._catalogs.values():
            catalog.close()
        self._catalogs.clear()
        for name in ("_loaded_embedder", "_loaded_searcher", "_loaded_reader", "_loaded_parts"):
            self.__dict__.pop(name, None)

    def index(
        self,
        paths: Sequence[str | Path],
        *,
        collection: str = "default",
        prune: bool = False,
        report_progress: Callable[[Progress], None] = lambda progress: None,
    ) -> UpdateReport:
        """Update the store from files and folders; return what was done and what could not be read.

        Raises IndexingError for a path that does not exist, StoreUnavailable, ModelUnavailable,
        SpecMismatch.
        """
        for path in paths:
            if not Path(path).exists():
                raise IndexingError(f"{path}: no such file or folder")
        catalog = self._catalog(Access.WRITE)
        indexer = wiring.build_indexer(self.settings, catalog, self._embedder, self._notify)
        options = Options(collection, prune, self.settings.max_file_mb * 1_000_000)
        return indexer.index_paths([Path(path) for path in paths], options, report_progress)

    def reembed(self, report_progress: Callable[[Progress], None] = lambda progress: None) -> int:
        """Rebuild all passages and vectors with the configured model; return the number of documents."""
        catalog = self._catalog(Access.WRITE)
        return wiring.reembed_store(self.settings, catalog, self._embedder, self._notify, report_progress)

    def search(
        self,
        query: str,
        *,
        k: int = 5,
        collections: Sequence[str] = (),
        filters: Mapping[str, str] | None = None,
        rerank: bool = False,
    ) -> list[Hit]:
        """Return the best passages, best first. rerank: order them by the reader too, which takes a second.

        Raises BadQuestion, StoreUnavailable, ModelUnavailable, or BadSetting when reranking without a reader.
        """
        return self.find(query, k, SearchScope(tuple(collections), filters), rerank=rerank)

    def find(self, query: str, k: int, scope: SearchScope, *, rerank: bool = False) -> list[Hit]:
        """Search within a scope."""
        query = check_question(query)
        if not rerank:
            return self._searcher.search(query, k, scope)
        reader = self._reader
        if reader is None:
            raise BadSetting(
                f"reader is {NO_READER}, so passages cannot be reranked; set it to {BUNDLED_READER}"
            )
        return [item.hit for item in search_and_read(self._searcher, reader, query, k, scope)]

    def read(
        self, question: str, *, k: int = 10, collections: Sequence[str] = (),
        filters: Mapping[str, str] | None = None,
    ) -> list[ReadHit]:  # fmt: skip
        """Search and return the best passages with what the reader found in each, best first."""
        reader = self._reader
        if reader is None:
            raise BadSetting(f"reader is {NO_READER}; set it to {BUNDLED_READER}")
        scope = SearchScope(tuple(collections), filters)
        return search_and_read(self._searcher, reader, check_question(question), k, scope)

    def trained_reader(self, weights: Path | None = None) -> TrainedReader:
        """Return the bundled reader, or one with other weights, on the loaded embedding model."""
        return wiring.load_bundled_reader(self.settings, self._embedder, weights)

    def ask(
        self,
        question: str,
        *,
        language: str | None = None,
        collections: Sequence[str] = (),
        filters: Mapping[str, str] | None = None,
        history: Sequence[Turn] = (),
        listener: Listener | None = None,
    ) -> Answer:
        """Answer a question with citations, or abstain with a reason.

        language: "ko" or "en"; None for the question's own. listener: notified of passages and quotes
        while the answer is made. A language model that fails costs the phrasing alone. Raises
        BadQuestion, StoreUnavailable, ModelUnavailable.
        """
        scope = SearchScope(tuple(collections), filters)
        return self.answer(Request(question, scope, language, history), listener)

    def answer(self, request: Request, listener: Listener | None = None) -> Answer:
        """Answer a request; like `ask`, with all options."""
        check_question(request.question)
        return answer_question(request, self._parts, listener)

    def documents(self) -> list[StoredDocument]:
        """Return all documents, ordered by collection and source."""
        return self._catalog(Access.READ).documents()

    def document(self, name: str) -> StoredDocument:
        """Return the document with this id, source or title. Raises UnknownDocument."""
        return self._catalog(Access.READ).find_document(name)

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str:
        """Return the stored text from code point `start` to `end`, half open, for checking a quote."""
        if start == 0 and end is None:
            return self._catalog(Access.READ).read_text(document_id)
        last = (1 << 40) if end is None else end
        return self._catalog(Access.READ).read_text(document_id, Span(start, last))

    def remove(self, names: Sequence[str]) -> list[StoredDocument]:
        """Delete the named documents, all or none, and return them. Raises UnknownDocument."""
        catalog = self._catalog(Access.WRITE)
        documents = list({(found := catalog.find_document(name)).id: found for name in names}.values())
        for document in documents:
            catalog.remove_document(document.id)
        return documents

    def forget(self, document_id: str) -> None:
        """Delete the document with exactly this id, if there is one."""
        self._catalog(Access.WRITE).remove_document(document_id)

    def catalog(self) -> Catalog:
        """Return the store itself, for reading."""
        return self._catalog(Access.READ)

    def catch_up(self) -> bool:
        """Update the search indexes from the store; return whether they match it. Raises StoreUnavailable."""
        derived = self._searcher.derived
        derived.catch_up()
        return derived.in_step()

    def embedder(self) -> Embedder:
        """Return the embedding model, loading it if necessary."""
        return self._embedder

    def index_version(self) -> dict[str, str]:
        """Return what identifies a state of the index: how it was built, and its last change."""
        catalog = self._catalog(Access.READ)
        spec = catalog.spec()
        made = f"{spec.embedding_fingerprint} {spec.analyzer}" if spec else ""
        return {"index": made, "index_change": str(catalog.last_change())}

    def indexer(self) -> Indexer:
        """Return an indexer for the store that shares what searches have loaded. Raises as `index`."""
        return wiring.build_indexer(
            self.settings, self._catalog(Access.WRITE), self._embedder, self._notify, self._searcher
        )

    def prepare(self) -> None:
        """Load what `ask` needs ahead of the first question."""
        _ = self._parts

    def _catalog(self, access: Access) -> Catalog:
        with self._opening:
            path = wiring.store_path(self.settings)
            if self._may_be_empty and not path.exists():
                access = Access.WRITE
            if access is Access.READ and Access.WRITE in self._catalogs:
                access = Access.WRITE
            if access not in self._catalogs:
                if access is Access.WRITE and path.parent.exists() and not path.parent.is_dir():
                    raise StoreUnavailable(f"{path.parent}: is a file, not a folder; choose another --home")
                self._catalogs[access] = wiring.open_catalog(self.settings, access)
            return self._catalogs[access]

    @property
    def _embedder(self) -> Embedder:
        with self._loading:
            return self._loaded_embedder

    @property
    def _searcher(self) -> Searcher:
        with self._loading:
            return self._loaded_searcher

    @property
    def _parts(self) -> Parts:
        with self._loading:
            return self._loaded_parts

    @property
    def _reader(self) -> Reader | None:
        with self._loading:
            return self._loaded_reader

    @cached_property
    def _loaded_reader(self) -> Reader | None:
        return wiring.load_reader(self.settings, self._embedder)

    @cached_property
    def _loaded_embedder(self) -> Embedder:
        with collecting_seldom():
            return wiring.load_embedder(self.settings)

    @cached_property
    def _loaded_searcher(self) -> Searcher:
        catalog = self._catalog_with_passages()
        with collecting_seldom():
            return wiring.build_searcher(self.settings, catalog, lambda: self._embedder, self._notify)

    @cached_property
    def _loaded_parts(self) -> Parts:
        self._catalog_with_passages()
        with collecting_seldom():
            return wiring.build_parts(self.settings, lambda: self._searcher, lambda: self._reader)

    def _catalog_with_passages(self) -> Catalog:
        catalog = self._catalog(Access.READ)
        if not self._may_be_empty:
            wiring.require_passages(self.settings, catalog)
        return catalog
