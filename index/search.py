"""A question to ranked passages: dense and lexical search over the union of both lists, fused.

Fusion is a weighted sum of standardised scores. On the public AutoRAG Korean benchmark it is level with or
better than either list at every depth, while reciprocal-rank fusion loses ten points of recall@1 to it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.catalog import Catalog, StoredDocument, StoredPassage
from index.corpus import Corpus
from index.derived import DerivedIndexes
from index.embed import Embedder
from index.errors import SpecMismatch
from index.languages import LanguageGap, LanguageGaps, is_korean
from index.lexical import MorphemeAnalyzer
from index.terms import Glossary, Term
from index.types import Hit, SentenceHit, Span

CANDIDATES = 100  # of each list, before fusion
_CANDIDATES_ABROAD = 300  # looked at in a store of two languages, where the nearest are all of the question's
_POOL = 1000  # passages with a word of the question that are scored one by one within collections
_ORDINARY_STORE = 200  # passages
# Of what sentences owe to their language this much is taken out: a small language model reads those in the
# language of its question better. Passages lose all of it.
_OWED_BY_SENTENCES = 0.3
DENSE_WEIGHT = 0.2  # measured best from 0.1 to 0.25, and flat around it
_DENSE_WEIGHT_ABROAD = 0.6  # where every word of the question is foreign to the passages


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Which documents a search may see; empty means all."""

    collections: tuple[str, ...] = ()
    filters: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Searcher:
    """Everything a search needs, built once."""

    catalog: Catalog
    derived: DerivedIndexes
    embedder: Embedder
    analyzer: MorphemeAnalyzer
    glossary: Glossary
    dense_weight: float = DENSE_WEIGHT
    _gaps: LanguageGaps = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_gaps", LanguageGaps(self.catalog))

    def search(self, question: str, k: int, scope: SearchScope | None = None) -> list[Hit]:
        """The `k` best passages for the question, best first; fewer when the store holds fewer.

        Everything is read from one view of the store, which other processes may be changing.
        """
        scope = scope or SearchScope()
        vector = self.embedder.embed_question(question)
        terms = self.glossary.terms(self.analyzer.words(question))
        with self.catalog.reading():
            spec = self.catalog.spec()
            if spec is not None and spec.embedding_fingerprint != self.embedder.fingerprint:
                raise SpecMismatch(
                    f"the store was embedded again, with {spec.embedding_model}, while this process runs "
                    f"with {self.embedder.name}; start it again with: --embedding {spec.embedding_model}"
                )
            self.derived.catch_up()
            documents = self.catalog.select_documents(scope.collections, scope.filters or {})
            allowed = None if documents is None else self.catalog.passage_ids(documents)
            owed = self._language_gap(scope, allowed).owed(vector)
            cosines = dict(
                self.derived.vectors.search(vector, _CANDIDATES_ABROAD if owed else CANDIDATES, allowed)
            )
            dense = self._without_owed(cosines, owed)
            corpus = self._corpus(scope)
            lexical = self._lexical(terms, documents, corpus, dense)
            further = self._cosines(vector, [i for i in lexical if i not in dense])
            cosines |= further
            dense |= self._without_owed(further, owed)
            lexical = {i: lexical.get(i, 0.0) for i in dense}  # what the store no longer holds has no cosine
            rarity = corpus.rarity(terms)
            weight = self._dense_weight(rarity, lexical, corpus.share_foreign(terms))
            fused = fuse_scores(dense, lexical, weight)
            ranked = sorted(fused, key=lambda i: (-fused[i], i))
            passages = self.catalog.passages(ranked[:k])
            if len(passages) < min(k, len(ranked)):
                # Another thread has put in what came after this view of the store began, and ranks here.
                passages = self.catalog.passages(ranked)
            best = [i for i in ranked if i in passages][:k]
            owners = {d.id: d for d in self.catalog.documents({p.document_id for p in passages.values()})}
            return [
                self._hit(
                    passages[i],
                    owners[passages[i].document_id],
                    (fused[i], cosines[i], lexical[i]),
                    vector,
                    owed,
                    rarity,
                )
                for i in best
            ]

    def term_weights(self, question: str, scope: SearchScope | None = None) -> dict[Term, float]:
        """What the question asks about, each term with its inverse document frequency in this scope.

        Counted as if the store held at least some hundreds of passages: in one of three, a word that all
        of them hold would weigh nothing against a word that none does.
        """
        terms = self.glossary.terms(self.analyzer.words(question))
        return self._corpus(scope or SearchScope()).rarity(terms, least_total=_ORDINARY_STORE)

    def hit_at(self, document_id: str, position: int) -> Hit | None:
        """The passage that covers this code point of the document, with no score; None where none does."""
        with self.catalog.reading():
            passage = self.catalog.passage_at(document_id, position)
            documents = self.catalog.documents([document_id])
            if passage is None or not documents:
                return None
            nothing = np.zeros(self.embedder.dimension, dtype=np.float32)
            return self._hit(passage, documents[0], (0.0, 0.0, 0.0), nothing, 0.0, {})

    def _lexical(
        self,
        terms: Sequence[Term],
        documents: Collection[str] | None,
        corpus: Corpus,
        typical: Collection[int],
    ) -> dict[int, float]:
        """The best candidates by words, with their scores; within collections by what these hold alone.

        There the index gives far more than are wanted, for it knows the average length of all passages
        alone: which of them are the best, and how good, is found from their own words. typical: passages that
        the index had no part in choosing, whose length counts where it could not give all it found.
        """
        index = self.derived.lexical
        if not corpus.collections:
            return dict(index.search_terms(terms, CANDIDATES, documents))
        pool = index.search_terms(terms, _POOL, documents, corpus)
        measured = self.catalog.words(typical) if len(pool) == _POOL else None
        scores = corpus.bm25(terms, self.catalog.words(ident for ident, _ in pool), measured)
        best = sorted(scores, key=lambda ident: (-scores[ident], ident))[:CANDIDATES]
        return {ident: scores[ident] for ident in best}

    def _language_gap(self, scope: SearchScope, allowed: Collection[int] | None) -> LanguageGap:
        key = (scope.collections, tuple(sorted((scope.filters or {}).items())))
        return self._gaps.among(key, self.catalog.all_passage_ids if allowed is None else lambda: allowed)

    def _without_owed(self, cosines: Mapping[int, float], owed: float) -> dict[int, float]:
        """The cosines without what those that are not Korean owe to their language, the best of them."""
        if not owed:
            return dict(cosines)
        words = self.catalog.words(cosines)
        scores = {
            ident: cosine - (0.0 if is_korean(" ".join(words.get(ident, ()))) else owed)
            for ident, cosine in cosines.items()
        }
        return {i: scores[i] for i in sorted(scores, key=lambda i: (-scores[i], i))[:CANDIDATES]}

    def _cosines(self, vector: NDArray[np.float32], ids: Sequence[int]) -> dict[int, float]:
        return {i: float(e.astype(np.float32) @ vector) for i, e in self.catalog.embeddings(ids).items()}

    def _dense_weight(
        self, rarity: Mapping[Term, float], lexical: Mapping[int, float], foreign: float
    ) -> float:
        """The usual weight, more where words are foreign to the passages, up to 1 where hardly any is found.

        A question in one language over documents in another shares few words with them, and a word's
        equivalents say less than the word.
        """
        usual = max(self.dense_weight, foreign * _DENSE_WEIGHT_ABROAD)
        ideal = sum(rarity.values()) * _TYPICAL_SATURATION
        explained = max(lexical.values(), default=0.0) / ideal if ideal else 0.0
        return 1.0 - (1.0 - usual) * min(1.0, explained / _WELL_EXPLAINED)

    def _corpus(self, scope: SearchScope) -> Corpus:
        """What words are counted in: the collections searched, whatever else the scope leaves out."""
        total = (
            self.catalog.count_passages(scope.collections) if scope.collections else len(self.derived.vectors)
        )
        return Corpus(self.derived.lexical, scope.collections, total)

    def _hit(
        self,
        passage: StoredPassage,
        document: StoredDocument,
        scores: tuple[float, float, float],
        vector: NDArray[np.float32],
        owed: float,
        rarity: Mapping[Term, float],
    ) -> Hit:
        texts = [
            passage.text[s.start - passage.span.start : s.end - passage.span.start] for s in passage.sentences
        ]
        cosines = passage.sentence_embeddings.astype(np.float32) @ vector
        total = sum(rarity.values()) or 1.0
        sentences = tuple(
            SentenceHit(
                Span(span.start, span.end),
                text,
                float(cosine) - (0.0 if is_korean(text) else owed * _OWED_BY_SENTENCES),
                sum(weight for term, weight in rarity.items() if term.found_in(words)) / total,
            )
            for span, text, cosine, words in zip(
                passage.sentences, texts, cosines, map(set, self.analyzer.words_of_many(texts)), strict=True
            )
        )
        return Hit(
            passage_id=passage.id,
            document_id=document.id,
            collection=document.collection,
            title=document.title,
            source=document.source,
            heading=passage.heading,
            date=document.metadata.get("date", ""),
            page=document.page_at(passage.span.start),
            span=passage.span,
            text=passage.text,
            score=scores[0],
            dense_score=scores[1],
            lexical_score=scores[2],
            sentences=sentences,
        )


# A word that occurs once in a passage of average length scores 2.2 / 2.2 = 1 times its rarity in BM25 with
# k1 = 1.2; a match of half the question's weight is as good as Korean questions over Korean text usually get.
_TYPICAL_SATURATION = 1.0
_WELL_EXPLAINED = 0.5


def fuse_scores(
    dense: Mapping[int, float], lexical: Mapping[int, float], dense_weight: float
) -> dict[int, float]:
    """Weighted sum of both scores, each standardised to mean 0 and deviation 1 over the candidates."""
    ids = list(dense)
    if not ids:
        return {}
    fused = dense_weight * _standardise([dense[i] for i in ids]) + (1 - dense_weight) * _standardise(
        [lexical[i] for i in ids]
    )
    return {i: float(score) for i, score in zip(ids, fused, strict=True)}


def _standardise(values: Sequence[float]) -> NDArray[np.float64]:
    scores = np.asarray(values, dtype=np.float64)
    deviation = scores.std()
    return (scores - scores.mean()) / deviation if deviation > 1e-12 else np.zeros_like(scores)
