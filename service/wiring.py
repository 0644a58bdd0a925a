"""Build the service's objects from Settings, each on first use. No other module does."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil

from index.chunking.passages import PassageSize
from index.embedding.embedder import Embedder, SentenceTransformerEmbedder
from index.errors import StoreUnavailable
from index.indexing.indexer import Indexer
from index.indexing.progress import Progress
from index.indexing.rebuild import make_spec, reanalyse, reembed
from index.reader.cross_encoder import CrossEncoderReader
from index.reader.trained import TrainedReader
from index.reader.types import Reader
from index.search.derived_indexes import DerivedIndexes
from index.search.glossary import load_glossary
from index.search.keyword_index import MorphemeAnalyzer
from index.search.searcher import Searcher
from index.store import Access, Catalog
from prompts.render import LANGUAGES, load_template
from service.answering.pipeline import Parts
from service.answering.verification import Verifier
from service.errors import BadSetting, ModelUnavailable
from service.language_models.llama_cpp import LlamaCppGenerator
from service.language_models.pool import GeneratorPool
from service.language_models.server_address import is_server, parse_server
from service.language_models.types import Generator
from service.language_models.weights.catalogue import DEFAULT_EMBEDDING
from service.language_models.weights.locate import default_models_dir, resolve_embedding, resolve_llm
from service.settings import BUNDLED_READER, NO_READER, Settings

T = TypeVar("T")

STORE_FILE = "store.sqlite"
PROMPT_STATES = "prompt-states"
READER_CALIBRATION = "reader-calibration.json"  # of a reader other than the bundled one
_OLD_WORDS = "the store's words come from another version of the morphological analyser"


def models_dir(settings: Settings) -> Path:
    """Return the folder of model weights."""
    return settings.models or default_models_dir()


def store_path(settings: Settings) -> Path:
    """Return the path of the store's database."""
    return settings.home / STORE_FILE


def open_catalog(settings: Settings, access: Access) -> Catalog:
    """Open the store. Raises StoreUnavailable, for reading also when there is none yet."""
    return Catalog(store_path(settings), access)


def load_embedder(settings: Settings) -> SentenceTransformerEmbedder:
    """Load the embedding model. Raises ModelUnavailable."""
    location = resolve_embedding(settings.embedding, models_dir(settings))
    try:
        return SentenceTransformerEmbedder(
            location, name=settings.embedding, question_adapter=_question_adapter()
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnavailable(
            f"{settings.embedding}: sentence-transformers cannot load this embedding model ({reason})"
        ) from error


def _question_adapter() -> Path | None:
    from index.embedding.question_adapter import BUNDLED

    return BUNDLED if BUNDLED.exists() else None


def load_reader(settings: Settings, embedder: Embedder) -> Reader | None:
    """Load the reader, or return None if it is switched off. Raises ModelUnavailable, WeightsUnusable.

    The bundled reader runs on the embedding model it was trained on, which is loaded in addition if the
    settings name another one.
    """
    if settings.reader == NO_READER:
        return None
    if settings.reader != BUNDLED_READER:
        return load_cross_encoder(settings.reader, settings.home / READER_CALIBRATION)
    return load_bundled_reader(settings, embedder)


def load_bundled_reader(settings: Settings, embedder: Embedder, weights: Path | None = None) -> TrainedReader:
    """Load the bundled reader, or one with other weights. Raises ModelUnavailable, WeightsUnusable."""
    from index.reader.loading import load_trained_reader
    from index.reader.weights import BUNDLED

    if settings.embedding != DEFAULT_EMBEDDING or not isinstance(embedder, SentenceTransformerEmbedder):
        embedder = load_embedder(replace(settings, embedding=DEFAULT_EMBEDDING))
    return load_trained_reader(embedder, weights or BUNDLED)


def load_cross_encoder(name: str, calibration: Path) -> CrossEncoderReader:
    """Load a cross-encoder, calibrated if the file is of it. Raises ModelUnavailable, WeightsUnusable."""
    from index.reader.loading import read_calibration

    path = Path(name).expanduser()
    try:
        return CrossEncoderReader(
            path if path.is_dir() else name, calibration=read_calibration(calibration, name)
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnavailable(
            f"{name}: sentence-transformers cannot load this reader ({reason}); set reader to the folder "
            f"or hub name of a cross-encoder, to {BUNDLED_READER}, or to {NO_READER}"
        ) from error


def load_generator(settings: Settings) -> Generator:
    """Return the language model; a local one has already read the fixed part of every prompt.

    A local one answers `contexts` questions at the same time, sharing the weights on disk.
    Raises ModelUnavailable, or BadSetting for an invalid server address.
    """
    if is_server(settings.llm):
        from service.language_models.openai_server import RemoteGenerator

        return RemoteGenerator(parse_server(settings.llm), key=settings.llm_key)
    path = resolve_llm(settings.llm, models_dir(settings))
    threads = settings.threads or psutil.cpu_count(logical=False) or 1
    generators = [
        LlamaCppGenerator(
            path,
            name=settings.llm,
            context_tokens=settings.context_tokens,
            threads=max(1, threads // settings.contexts),
            gpu_layers=settings.gpu_layers,
            state_folder=models_dir(settings) / PROMPT_STATES,
        )
        for _ in range(settings.contexts)
    ]
    generator: Generator = generators[0] if len(generators) == 1 else GeneratorPool(generators)
    for language in LANGUAGES:
        for name in ("phrase", "stand_alone"):
            generator.prepare(load_template(name, language).fixed)
    return generator


def build_indexer(
    settings: Settings,
    catalog: Catalog,
    embedder: Embedder,
    notify: Callable[[str], None],
    searcher: Searcher | None = None,
) -> Indexer:
    """Build an indexer. Raises SpecMismatch if the store was made with another embedding model.

    searcher: of the same store, in the same process; what it has loaded is shared.
    """
    analyzer = searcher.analyzer if searcher else MorphemeAnalyzer()
    size = PassageSize(settings.passage_least, settings.passage_most)
    spec, before = make_spec(embedder, analyzer, size), catalog.spec()
    if before is None:
        catalog.save_spec(spec)
    else:
        before.require_same_embedding(spec)
        size = PassageSize(before.passage_least, before.passage_most)
        if before.analyzer != analyzer.name:
            notify(f"{_OLD_WORDS}; they are made again from the stored texts")
            reanalyse(catalog, analyzer)
    derived = searcher.derived if searcher else DerivedIndexes(catalog, embedder.dimension, notify)
    return Indexer(catalog, derived, embedder, analyzer, size)


def reembed_store(
    settings: Settings,
    catalog: Catalog,
    embedder: Embedder,
    notify: Callable[[str], None],
    report_progress: Callable[[Progress], None],
) -> int:
    """Rebuild all passages and the derived indexes with this model; return the number of documents."""
    size = PassageSize(settings.passage_least, settings.passage_most)
    count = reembed(catalog, embedder, MorphemeAnalyzer(), size, report_progress)
    DerivedIndexes(catalog, embedder.dimension, notify).catch_up(save=True)
    return count


def require_passages(settings: Settings, catalog: Catalog) -> None:
    """Raise StoreUnavailable if there is nothing to search, before any model is loaded."""
    if catalog.spec() is None or not catalog.counts()[1]:
        raise StoreUnavailable(f"{settings.home}: nothing is indexed yet; start with: inyong index PATH")


def build_searcher(
    settings: Settings, catalog: Catalog, load: Callable[[], Embedder], notify: Callable[[str], None]
) -> Searcher:
    """Build a searcher. Raises SpecMismatch if the store was made with another embedding model.

    load: returns the embedding model; the morphological analyser is loaded in parallel.
    """
    with _beside(_load_analyzer) as loading:
        embedder, analyzer = load(), loading.result()
    spec = catalog.spec()
    if spec is not None:
        size = PassageSize(spec.passage_least, spec.passage_most)
        spec.require_same_embedding(make_spec(embedder, analyzer, size))
        if spec.analyzer != analyzer.name:
            _renew_words(catalog, analyzer, notify)
    derived = DerivedIndexes(catalog, embedder.dimension, notify)
    glossary = load_glossary(analyzer, analyzer.name, catalog.path.parent)
    return Searcher(catalog, derived, embedder, analyzer, glossary, settings.dense_weight)


@contextmanager
def _beside(load: Callable[[], T]) -> Iterator["Future[T]"]:
    """Run `load` in another thread during the block. An error or an interrupt does not wait for it."""
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        yield pool.submit(load)
    finally:
        pool.shutdown(wait=False)


def _load_analyzer() -> MorphemeAnalyzer:
    analyzer = MorphemeAnalyzer()
    analyzer.words("준비")  # the analyser reads most of its dictionaries on first use
    return analyzer


def _renew_words(catalog: Catalog, analyzer: MorphemeAnalyzer, notify: Callable[[str], None]) -> None:
    """Recompute the stored words if the store is writable; otherwise searches use the old ones."""
    try:
        with Catalog(catalog.path, Access.WRITE) as writer:
            notify(f"{_OLD_WORDS}; they are made again from the stored texts")
            reanalyse(writer, analyzer)
    except StoreUnavailable as error:
        notify(f"{_OLD_WORDS} and cannot be made again now; the search goes on with them ({error})")


def build_parts(
    settings: Settings,
    make_searcher: Callable[[], Searcher],
    make_reader: Callable[[], Reader | None],
    make_generator: Callable[[], Generator] | None = None,
) -> Parts:
    """Build what an answer needs, loading the language model in parallel with searcher and reader.

    make_generator: by default loads the configured model. Raises BadSetting if the reader is switched off.
    """
    if settings.reader == NO_READER:
        raise BadSetting(f"reader is {NO_READER}, so nothing can be answered; set it to {BUNDLED_READER}")
    load = make_generator or partial(load_generator, settings)
    with _beside(lambda: load() if settings.phrasing else None) as generator:
        searcher, reader = make_searcher(), make_reader()
        assert reader is not None
        return Parts(
            searcher=searcher,
            reader=reader,
            verifier=Verifier(searcher.analyzer, searcher.glossary),
            generator=generator.result(),
            k=settings.k,
            answer_tokens=settings.answer_tokens,
        )
