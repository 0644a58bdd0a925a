"""The Python API: a store that documents go into and cited answers come out of.

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

from index.catalog import Access, Catalog, StoredDocument
from index.embed import Embedder
from index.errors import IndexingError, StoreUnavailable
from index.progress import Progress, UpdateReport
from index.reader.rerank import ReadHit, search_and_read
from index.reader.trained import TrainedReader
from index.reader.types import Reader
from index.search import Searcher, SearchScope
from index.types import Hit, Span
from index.update import Indexer, Options
from service import wiring
from service.answer import Parts, Request, answer_question, checked_question
from service.collecting import collecting_seldom
from service.errors import BadSetting
from service.listener import Listener
from service.settings import BUNDLED_READER, NO_READER, Settings, load_settings
from service.types import Answer, Turn

Notify = Callable[[str], None]


class Inyong:
    """One store and the models that read it. Models are loaded when first needed and kept until `close`."""

    def __init__(
        self,
        home: str | Path | None = None,
        *,
        settings: Settings | None = None,
        notify: Notify = lambda message: None,
        may_be_empty: bool = False,
        **overrides: object,
    ) -> None:
        """Opens nothing yet.

        home: the store's folder. settings: complete ones, else they are read as the command line reads
        them, with `overrides` (names of Settings' fields) before everything else. notify: told in one
        sentence what a user may want to know, such as that a damaged index was made again. may_be_empty:
        a store without documents is made when it is missing, and finds nothing; else searching it raises
        StoreUnavailable. Raises BadSetting.
        """
        self.settings = settings or load_settings({"home": home, **overrides}).settings
        self._notify = notify
        self._may_be_empty = may_be_empty
        self._loading = threading.RLock()  # so that threads which ask first load one model between them
        self._opening = threading.RLock()  # of its own, so that documents can be read while models load
        self._catalogs: dict[Access, Catalog] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the store and lets go of the models."""
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
        """Brings the store in step with files and folders; what was done, and what could not be read.

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
        """Makes every passage and vector anew with the set embedding model; the number of documents."""
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

        Raises BadQuestion, StoreUnavailable, ModelUnavailable, BadSetting to rerank without a reader.
        """
        return self.find(query, k, SearchScope(tuple(collections), filters), rerank=rerank)

    def find(self, query: str, k: int, scope: SearchScope, *, rerank: bool = False) -> list[Hit]:
        """Search within a scope."""
        query = checked_question(query)
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
        return search_and_read(self._searcher, reader, checked_question(question), k, scope)

    def trained_reader(self, weights: Path | None = None) -> TrainedReader:
        """Return the project's own reader, or weights of its kind, over the loaded embedding model."""
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
        """The cited answer, or one that says why there is none.

        language: "ko" or "en"; None answers in the question's. listener: told of passages and of each
        checked statement while the answer is made. Raises BadQuestion, StoreUnavailable, ModelUnavailable,
        GenerationFailed.
        """
        scope = SearchScope(tuple(collections), filters)
        return self.answer(Request(question, scope, language, history), listener)

    def answer(self, request: Request, listener: Listener | None = None) -> Answer:
        """`ask`, with everything that can be said about how to answer."""
        checked_question(request.question)
        return answer_question(request, self._parts, listener)

    def documents(self) -> list[StoredDocument]:
        """All documents, by collection and source."""
        return self._catalog(Access.READ).documents()

    def document(self, name: str) -> StoredDocument:
        """The document with this id, source or title. Raises UnknownDocument."""
        return self._catalog(Access.READ).find_document(name)

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str:
        """The stored text from code point `start` up to `end`, for checking a quote."""
        if start == 0 and end is None:
            return self._catalog(Access.READ).read_text(document_id)
        last = (1 << 40) if end is None else end
        return self._catalog(Access.READ).read_text(document_id, Span(start, last))

    def remove(self, names: Sequence[str]) -> list[StoredDocument]:
        """Forgets the named documents, all or none; those forgotten. Raises UnknownDocument."""
        catalog = self._catalog(Access.WRITE)
        documents = list({(found := catalog.find_document(name)).id: found for name in names}.values())
        for document in documents:
            catalog.remove_document(document.id)
        return documents

    def forget(self, document_id: str) -> None:
        """Forgets the document of exactly this id; does nothing when there is none."""
        self._catalog(Access.WRITE).remove_document(document_id)

    def catalog(self) -> Catalog:
        """The store itself, for reading."""
        return self._catalog(Access.READ)

    def catch_up(self) -> bool:
        """Brings the search indexes in step with the store; whether they are. Raises StoreUnavailable."""
        derived = self._searcher.derived
        derived.catch_up()
        return derived.in_step()

    def embedder(self) -> Embedder:
        """The embedding model, loaded."""
        return self._embedder

    def index_version(self) -> dict[str, str]:
        """What tells one state of the index from another: how it was made, and its last change."""
        catalog = self._catalog(Access.READ)
        spec = catalog.spec()
        made = f"{spec.embedding_fingerprint} {spec.analyzer}" if spec else ""
        return {"index": made, "index_change": str(catalog.last_change())}

    def indexer(self) -> Indexer:
        """What puts documents into the store, sharing what searches have loaded. Raises as `index`."""
        return wiring.build_indexer(
            self.settings, self._catalog(Access.WRITE), self._embedder, self._notify, self._searcher
        )

    def prepare(self) -> None:
        """Loads what `ask` needs ahead of the first question."""
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
            return wiring.build_parts(self.settings, lambda: self._searcher)

    def _catalog_with_passages(self) -> Catalog:
        catalog = self._catalog(Access.READ)
        if not self._may_be_empty:
            wiring.require_passages(self.settings, catalog)
        return catalog
