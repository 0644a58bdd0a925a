"""Rebuilding a whole store from its texts, for another embedding model or morphological analyser."""

from collections.abc import Callable
from dataclasses import replace

from index.chunking.passages import PassageSize, build_passages
from index.embedding.embedder import Embedder
from index.indexing.preparation import analysed_text, embed_documents, header_title, passage_header
from index.indexing.progress import Progress, Step
from index.search.keyword_index import MorphemeAnalyzer
from index.store import Catalog
from index.store.spec import IndexSpec


def make_spec(embedder: Embedder, analyzer: MorphemeAnalyzer, size: PassageSize) -> IndexSpec:
    """Return the spec of a store built with these components."""
    return IndexSpec(
        embedding_model=embedder.name,
        embedding_fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        passage_least=size.least,
        passage_most=size.most,
        analyzer=analyzer.name,
    )


def reembed(
    catalog: Catalog,
    embedder: Embedder,
    analyzer: MorphemeAnalyzer,
    size: PassageSize,
    report_progress: Callable[[Progress], None] = lambda progress: None,
) -> int:
    """Rebuild all passages and embeddings from the stored texts; return the number of documents.

    All or nothing: searches see the old passages until the last document is done.
    """
    documents = catalog.documents()
    done = 0
    with catalog.replacing_everything():
        catalog.save_spec(make_spec(embedder, analyzer, size))
        for number, stored in enumerate(documents, 1):
            text = catalog.read_text(stored.id)
            spans = build_passages(text, stored.keep, stored.sections, size)
            (passages,) = embed_documents(embedder, analyzer, [(text, header_title(stored), spans)])
            catalog.put_passages(stored.id, passages)
            done += len(passages)
            report_progress(Progress(Step.EMBEDDING, number, len(documents), done, stored.source))
    return len(documents)


def reanalyse(catalog: Catalog, analyzer: MorphemeAnalyzer) -> None:
    """Recompute all lexical tokens from the stored texts if another analyser made them.

    All or nothing; passage ids and embeddings stay, and the derived indexes update as after any change.
    """
    with catalog.replacing_everything():
        spec = catalog.spec()
        if spec is None or spec.analyzer == analyzer.name:
            return  # another process was faster
        for stored in catalog.documents():
            passages = list(catalog.passages(catalog.passage_ids([stored.id])).values())
            title = header_title(stored)
            words = analyzer.words_of_many(
                analysed_text(passage_header(title, passage.heading), passage.text) for passage in passages
            )
            catalog.put_words(
                stored.id,
                {passage.id: " ".join(found) for passage, found in zip(passages, words, strict=True)},
            )
        catalog.save_spec(replace(spec, analyzer=analyzer.name))
