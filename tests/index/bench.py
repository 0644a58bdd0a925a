"""A store, an indexer on it, and a folder of documents, for tests of indexing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from index.chunking.passages import PassageSize
from index.indexing.indexer import Indexer, Options
from index.indexing.progress import Progress, UpdateReport
from index.indexing.rebuild import make_spec
from index.search.derived_indexes import DerivedIndexes
from index.search.keyword_index import MorphemeAnalyzer
from index.store import Catalog, StoredDocument
from tests.fakes import HashEmbedder


@dataclass
class Bench:
    """A store, an indexer on it, and a folder of documents."""

    home: Path
    docs: Path
    catalog: Catalog
    embedder: HashEmbedder
    indexer: Indexer
    told: list[str] = field(default_factory=list)

    def write(self, name: str, text: str = "대구시가 사업에 선정됐다.") -> Path:
        path = self.docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def index(self, *paths: Path, options: Options | None = None) -> UpdateReport:
        return self.indexer.index_paths(paths or (self.docs,), options)

    def by_source(self) -> dict[str, StoredDocument]:
        return {document.source: document for document in self.catalog.documents()}

    def text_of(self, source: str) -> str:
        return self.catalog.read_text(self.by_source()[source].id)


def make_bench(folder: Path, analyzer: MorphemeAnalyzer) -> Bench:
    home, docs = folder / "home", folder / "docs"
    docs.mkdir()
    catalog, embedder, size = Catalog(home / "store.sqlite"), HashEmbedder(), PassageSize()
    catalog.save_spec(make_spec(embedder, analyzer, size))
    told: list[str] = []
    derived = DerivedIndexes(catalog, embedder.dimension, told.append)
    indexer = Indexer(catalog, derived, embedder, analyzer, size)
    return Bench(home, docs, catalog, embedder, indexer, told)


def stop_when(condition: Callable[[Progress], bool]) -> Callable[[Progress], None]:
    """What interrupts a run as soon as it is told of such progress."""

    def report(progress: Progress) -> None:
        if condition(progress):
            raise KeyboardInterrupt

    return report
