"""A whole store made anew from its texts: with another embedding model, or another analyser of words."""

from collections.abc import Callable
from dataclasses import replace

from index.catalog import Catalog
from index.embed import Embedder
from index.lexical import MorphemeAnalyzer
from index.passages import PassageSize, build_passages
from index.prepare import analysed_text, embed_documents, header_title, passage_header
from index.progress import Progress, Step
from index.spec import IndexSpec


def make_spec(embedder: Embedder, analyzer: MorphemeAnalyzer, size: PassageSize) -> IndexSpec:
    """The spec of a store made with these parts."""
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
    """Makes all passages and vectors anew from the stored texts; how many documents it went through.

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
    """Makes the words of the lexical index anew from the stored texts, where another analyzer made them.

    All or nothing; passages keep their ids and vectors, and the derived indexes catch up as after any change.
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
