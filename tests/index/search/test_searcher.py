from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.chunking.passages import PassageSize, build_passages
from index.errors import SpecMismatch
from index.indexing.rebuild import make_spec
from index.search.derived_indexes import DerivedIndexes
from index.search.keyword_index import MorphemeAnalyzer
from index.search.language_bias import is_korean
from index.search.searcher import Searcher, SearchScope, fuse_scores
from index.search.terms import Glossary
from index.store import Catalog, NewPassage
from index.store.spec import IndexSpec
from index.types import Section, Span
from tests.fakes import HashEmbedder
from tests.index.samples import make_document

BUDGET = "대구시는 올해 예산을 350억 원으로 정했다. 지난해보다 늘었다."
EVENT = "전시회는 라스베이거스에서 열린다. 참가 기업은 열 곳이다."
WEATHER = "내일은 전국에 비가 내린다. 우산을 챙겨야 한다."


class Shelf:
    """A store filled by hand, and a searcher over it."""

    def __init__(
        self, folder: Path, analyzer: MorphemeAnalyzer, embedder: HashEmbedder | None = None
    ) -> None:
        self.analyzer = analyzer
        self.embedder = embedder or HashEmbedder(synonyms={"돈": "예산"})
        self.catalog = Catalog(folder / "inyong.db")
        self.catalog.save_spec(make_spec(self.embedder, analyzer, PassageSize()))
        derived = DerivedIndexes(self.catalog, self.embedder.dimension, lambda sentence: None)
        self.searcher = Searcher(self.catalog, derived, self.embedder, analyzer, Glossary({}))

    def put(self, ident: str, text: str, collection: str = "default", **metadata: str) -> None:
        document = make_document(ident, collection=collection, metadata=metadata)
        self.catalog.put_document(document, text, self.passages(text))

    def passages(self, text: str) -> list[NewPassage]:
        from index.indexing.preparation import embed_documents

        spans = build_passages(text, [Span(0, len(text))])
        return embed_documents(self.embedder, self.analyzer, [(text, "", spans)])[0]

    def found(self, question: str, k: int = 10, scope: SearchScope | None = None) -> list[str]:
        return [hit.document_id for hit in self.searcher.search(question, k, scope)]


class LanguageBound(HashEmbedder):
    """Holds the language beside the meaning, as multilingual models do."""

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.append(super()._vector(text)[:-1], np.float32(not is_korean(text)))
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


@pytest.fixture
def shelf(tmp_path: Path, analyzer: MorphemeAnalyzer) -> Iterator[Shelf]:
    made = Shelf(tmp_path, analyzer)
    yield made
    made.catalog.close()


@pytest.fixture
def full(shelf: Shelf) -> Shelf:
    shelf.put("budget", BUDGET, "news", date="2026-01-29", author="Kim")
    shelf.put("event", EVENT, "news", date="2025-12-01", author="Lee")
    shelf.put("weather", WEATHER, "law")
    return shelf


# Fusion


def test_fused_score_is_the_weighted_sum_of_standardised_scores() -> None:
    fused = fuse_scores({1: 0.8, 2: 0.6}, {1: 0.0, 2: 4.0}, 0.3)
    # each list has two values, so they stand one deviation above and below their mean
    assert fused == pytest.approx({1: 0.3 - 0.7, 2: -0.3 + 0.7})


def test_three_candidates_are_standardised_by_their_deviation() -> None:
    fused = fuse_scores({1: 0.9, 2: 0.6, 3: 0.3}, {1: 0.0, 2: 0.0, 3: 3.0}, 0.5)
    # dense: mean 0.6, deviation sqrt(0.06); lexical: mean 1, deviation sqrt(2)
    dense, low, high = 0.3 / 0.06**0.5, -1 / 2**0.5, 2 / 2**0.5
    assert fused == pytest.approx({1: (dense + low) / 2, 2: low / 2, 3: (-dense + high) / 2})


def test_list_of_equal_scores_decides_nothing() -> None:
    assert fuse_scores({1: 0.5, 2: 0.5}, {1: 1.0, 2: 3.0}, 0.3) == pytest.approx({1: -0.7, 2: 0.7})


def test_one_candidate_and_none_are_fused() -> None:
    assert fuse_scores({7: 0.5}, {7: 2.0}, 0.3) == {7: 0.0}
    assert fuse_scores({}, {}, 0.3) == {}


# Ranking


def test_empty_store_finds_nothing(shelf: Shelf) -> None:
    assert shelf.found("예산은 얼마인가?") == []


def test_passage_that_answers_comes_first(full: Shelf) -> None:
    assert full.found("대구시 예산은 얼마인가?")[0] == "budget"
    assert full.found("전시회는 어디에서 열리나?")[0] == "event"


def test_k_passages_are_found(full: Shelf) -> None:
    assert len(full.found("예산", 2)) == 2
    assert len(full.found("예산", 50)) == 3


def test_question_that_shares_no_word_still_finds_by_meaning(full: Shelf) -> None:
    hits = full.searcher.search("돈", 3)
    assert hits[0].document_id == "budget"
    assert [hit.lexical_score for hit in hits] == [0, 0, 0]


def test_question_without_any_word_is_answered_by_meaning_alone(full: Shelf) -> None:
    assert len(full.found("?!")) == 3


def test_changes_are_found_at_once(full: Shelf) -> None:
    full.put("new", "새 예산안이 의회에 올라갔다.")
    assert "new" in full.found("예산")
    full.catalog.remove_document("new")
    assert "new" not in full.found("예산")


def test_same_question_gives_the_same_hits(full: Shelf) -> None:
    assert full.searcher.search("예산", 3) == full.searcher.search("예산", 3)


# Scores and spans


def test_scores_are_attached_and_descend(full: Shelf) -> None:
    hits = full.searcher.search("대구시 예산", 3)

    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    vector = full.embedder.embed_question("대구시 예산")
    for hit in hits:
        stored = full.catalog.embeddings([hit.passage_id])[hit.passage_id]
        assert hit.dense_score == pytest.approx(float(stored.astype(np.float32) @ vector), abs=1e-3)
    assert hits[0].lexical_score > 0
    assert [hit.lexical_score for hit in hits[1:]] == [0, 0]


def test_hit_and_its_sentences_are_exact_spans(full: Shelf) -> None:
    for hit in full.searcher.search("예산", 3):
        text = full.catalog.read_text(hit.document_id)
        assert hit.span.of(text) == hit.text
        assert all(sentence.of(text).endswith(".") for sentence in hit.sentences)
        assert len(hit.sentences) == 2


def test_hit_tells_of_its_document(shelf: Shelf) -> None:
    document = replace(
        make_document("a", collection="news", metadata={"date": "2026-01-29"}),
        sections=(Section(0, "예산"),),
        pages=(0, 10),
    )
    shelf.catalog.put_document(document, BUDGET, [replace(p, heading="예산") for p in shelf.passages(BUDGET)])

    (hit,) = shelf.searcher.search("예산", 1)

    assert (hit.document_id, hit.collection, hit.title, hit.source) == ("a", "news", "Title a", "a.txt")
    assert (hit.heading, hit.date, hit.page) == ("예산", "2026-01-29", 1)


# Filters


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (SearchScope(("news",)), {"budget", "event"}),
        (SearchScope(("law",)), {"weather"}),
        (SearchScope(("nowhere",)), set()),
        (SearchScope(("news", "law")), {"budget", "event", "weather"}),
        (SearchScope((), {"author": "Lee"}), {"event"}),
        (SearchScope(("law",), {"author": "Lee"}), set()),
        (SearchScope((), {"date": "2026-01"}), {"budget", "weather"}),
    ],
)
def test_filter_never_lets_anything_else_through(full: Shelf, scope: SearchScope, seen: set[str]) -> None:
    for question in ("대구시 예산", "전시회", "비가 내린다", "?"):
        assert set(full.found(question, 10, scope)) == seen


def test_filter_comes_before_the_cut(shelf: Shelf) -> None:
    for number in range(120):  # more than the candidates of either list
        shelf.put(f"d{number}", "예산 예산", "many")
    shelf.put("wanted", WEATHER + " 예산", "few")
    assert shelf.found("예산", 5, SearchScope(("few",))) == ["wanted"]


def test_passages_are_not_found_for_their_language_alone(tmp_path: Path, analyzer: MorphemeAnalyzer) -> None:
    shelf = Shelf(tmp_path, analyzer, LanguageBound(synonyms={"budget": "예산"}))
    for n in range(5):
        shelf.put(f"english-{n}", f"Rain falls in the north on day {n}.")
        shelf.put(f"korean-{n}", f"내일은 전국에 비가 내린다. {n}일째다.")
    shelf.put("budget", BUDGET)
    vector = shelf.embedder.embed_question("Which budget?")
    *others, budget = [
        float(embedding.astype(np.float32) @ vector)
        for _, embedding in sorted(shelf.catalog.embeddings(shelf.catalog.all_passage_ids()).items())
    ]
    assert max(others) > budget
    assert shelf.found("Which budget?", 1) == ["budget"]
    shelf.catalog.close()


def test_other_embedding_model_is_refused(full: Shelf) -> None:
    full.catalog.save_spec(IndexSpec("gemma", "other", 64, 200, 450, "kiwi"))
    with pytest.raises(
        SpecMismatch, match="embedded again, with gemma, while this process runs with hash-64"
    ):
        full.found("예산")


@pytest.mark.parametrize(("candidates", "pool"), [(100, 1000), (15, 150)])
def test_what_is_found_does_not_tell_what_stands_in_other_collections(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, candidates: int, pool: int
) -> None:
    monkeypatch.setattr("index.search.searcher.CANDIDATES", candidates)
    monkeypatch.setattr("index.search.searcher._POOL", pool)
    for n in range(190):  # more than are candidates: rare 예산 alone in every third, common 전시회 else
        word = "전시회" if n % 3 else "예산"
        shelf.put(f"d{n}", f"{word} {'나무 ' * (n % 17)}{word if n % 5 else ''}", "news")
    scope, question = SearchScope(("news",)), "예산 전시회"
    before = shelf.searcher.search(question, 10, scope)
    for n in range(150):  # elsewhere 예산 is the common word, and passages are long
        shelf.put(f"more{n}", f"예산 {'바다 하늘 ' * 40}", "law")
    after = shelf.searcher.search(question, 10, scope)
    assert {hit.text.split()[0] for hit in before} == {"예산"}
    assert after == before


def test_no_score_tells_what_stands_in_other_collections(full: Shelf) -> None:
    scope, question = SearchScope(("news",)), "대구시 예산 전시회"
    before = full.searcher.search(question, 10, scope)
    for n in range(20):
        full.put(f"more{n}", f"{n}번째 예산과 전시회는 모두 대구시의 것이다.", "law")
    after = full.searcher.search(question, 10, scope)
    assert before
    assert after == before
