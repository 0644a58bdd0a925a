"""Passages with their words and vectors."""

from dataclasses import replace

from index.store import Catalog
from index.types import Span
from tests.index.samples import make_document, make_passage, put, unit


def test_passage_comes_back_with_its_text_and_vectors(catalog: Catalog) -> None:
    passage = replace(
        make_passage(2, 8, words="가 나", heading="제목", vector=(3, 4)),
        sentences=(Span(2, 4), Span(5, 8)),
    )
    catalog.put_document(make_document("a"), "01234567", [make_passage(0, 1), passage])
    ident = catalog.passage_ids(["a"])[1]

    stored = catalog.passages([ident])[ident]

    assert (stored.document_id, stored.ordinal, stored.span) == ("a", 1, Span(2, 8))
    assert (stored.heading, stored.text) == ("제목", "234567")
    assert stored.sentences == (Span(2, 4), Span(5, 8))
    assert stored.embedding.tolist() == unit(0.6, 0.8).tolist()
    assert list(catalog.tokens(ident, ident + 1)) == [(ident, "a", "가 나", "default")]


def test_passage_ids_are_never_used_twice(catalog: Catalog) -> None:
    old = put(catalog, "a", "one", "two")
    catalog.remove_document("a")
    assert min(put(catalog, "a", "one")) > max(old)


def test_put_passages_leaves_the_text_alone(catalog: Catalog) -> None:
    catalog.put_document(make_document("a"), "가나다", [make_passage(0, 1)])
    catalog.put_passages("a", [make_passage(0, 2), make_passage(2, 3)])

    assert catalog.read_text("a") == "가나다"
    assert [catalog.passages([i])[i].text for i in catalog.passage_ids(["a"])] == ["가나", "다"]


def test_vectors_and_words_are_read_by_range(catalog: Catalog) -> None:
    put(catalog, "a", "one", "two", "three")
    assert [ident for ident, _ in catalog.vectors(2, 4)] == [2, 3]
    assert list(catalog.tokens(1, 3)) == [(1, "a", "one", "default"), (2, "a", "two", "default")]
