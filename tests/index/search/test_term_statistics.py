"""Word statistics of some collections alone."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.search.keyword_index import LexicalIndex
from index.search.term_statistics import Corpus
from index.search.terms import Term
from index.store import Catalog
from tests.index.samples import make_document, make_passage

APPLE, PEAR = Term((("apple",),)), Term((("pear",),))
FRUIT = Term((("apple",), ("pear", "tree")))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "inyong.db") as opened:
        yield opened


def put(catalog: Catalog, ident: str, collection: str, *words: str) -> None:
    document = replace(make_document(ident), collection=collection)
    passages = [make_passage(n, n + 1, words=found) for n, found in enumerate(words)]
    catalog.put_document(document, "x" * len(words), passages)


def corpus(catalog: Catalog, *collections: str) -> Corpus:
    index = LexicalIndex()
    index.catch_up(catalog)
    n_passages = catalog.count_passages(collections) if collections else catalog.counts()[1]
    return Corpus(index, collections, n_passages)


def idf(n: int, total: int) -> float:
    return math.log(1 + (total - n + 0.5) / (n + 0.5))


def test_words_are_counted_in_the_collections_alone(catalog: Catalog) -> None:
    put(catalog, "a", "mine", "apple tree", "pear")
    put(catalog, "b", "other", *["apple pear"] * 5)
    put(catalog, "c", "also mine", "pear")
    assert corpus(catalog, "mine").rarity([APPLE, PEAR]) == {APPLE: idf(1, 2), PEAR: idf(1, 2)}
    assert corpus(catalog, "mine", "also mine").rarity([PEAR]) == {PEAR: idf(2, 3)}
    assert corpus(catalog).rarity([APPLE]) == {APPLE: idf(6, 8)}


def test_a_small_corpus_may_be_counted_as_a_larger_one(catalog: Catalog) -> None:
    put(catalog, "a", "mine", "apple")
    assert corpus(catalog, "mine").rarity([APPLE], least_total=200) == {APPLE: idf(1, 200)}


def test_a_removed_document_is_not_counted(catalog: Catalog) -> None:
    put(catalog, "a", "mine", "apple")
    put(catalog, "b", "mine", "apple")
    catalog.remove_document("b")
    assert corpus(catalog, "mine").rarity([APPLE]) == {APPLE: idf(1, 1)}


def test_score_is_bm25_worked_by_hand(catalog: Catalog) -> None:
    put(catalog, "a", "mine", "apple apple tree", "pear")
    scores = corpus(catalog, "mine").bm25([APPLE], {1: ["apple", "apple", "tree"], 2: ["pear"]})
    # two of three words; lengths 3 and 1, on average 2: k1 (1 - b + b 3/2) = 1.2 * 1.375 = 1.65
    assert scores == pytest.approx({1: idf(1, 2) * 2 * 2.2 / (2 + 1.65)})


def test_of_alternatives_the_best_counts_and_only_when_whole(catalog: Catalog) -> None:
    put(catalog, "a", "mine", "pear tree", "pear")
    scores = corpus(catalog, "mine").bm25([FRUIT], {1: ["pear", "tree"], 2: ["pear"]})
    norm = 1.2 * (0.25 + 0.75 * 2 / 1.5)
    assert scores == pytest.approx({1: (idf(2, 2) + idf(1, 2)) * 2.2 / (1 + norm)})


def test_rare_equivalent_of_a_common_word_weighs_no_more_than_it(catalog: Catalog) -> None:
    pension = Term((("연금",), ("pension",)))
    put(catalog, "a", "mine", *["연금"] * 4, "pension", "나무")
    scores = corpus(catalog, "mine").bm25([pension], {1: ["연금"], 5: ["pension"]})
    assert scores[5] == pytest.approx(scores[1])
    found = dict(corpus(catalog).lexical.search_terms([pension], 10))
    assert found[5] == pytest.approx(found[1], rel=1e-5)


def test_terms_are_foreign_where_another_word_is_used_or_none(catalog: Catalog) -> None:
    pension, budget, rain = (
        Term((("pension",), ("연금",))),
        Term((("예산",), ("budget",))),
        Term((("rain",),)),
    )
    put(catalog, "a", "mine", "연금 예산", "연금 예산")
    counted = corpus(catalog, "mine")
    assert counted.share_foreign([budget]) == 0.0
    assert counted.share_foreign([pension, rain]) == pytest.approx(1.0)
    assert counted.share_foreign([budget, pension]) == pytest.approx(0.5)
    assert counted.share_foreign([]) == 0.0


def test_scores_are_those_of_the_lexical_index_where_all_is_counted(catalog: Catalog) -> None:
    texts = ["apple tree", "apple apple", "pear tree", "apple pear", "tree tree"]
    put(catalog, "a", "mine", *texts)
    everything = corpus(catalog)
    found = dict(everything.lexical.search_terms([APPLE, PEAR], 10))
    ours = everything.bm25([APPLE, PEAR], {n: text.split() for n, text in enumerate(texts, 1)})
    assert ours == pytest.approx(found, rel=1e-5)
