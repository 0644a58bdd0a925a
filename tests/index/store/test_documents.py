"""Documents, their texts, and which of them a filter selects."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import UnknownDocument
from index.store import TEXT_BLOCK_CHARS, Catalog
from index.store.spec import IndexSpec
from index.types import Section, Span
from tests.index.samples import make_document, make_passage, put


def test_document_comes_back_as_it_was_put(catalog: Catalog) -> None:
    document = replace(
        make_document("a", metadata={"date": "2026-01-29", "저자": "김"}),
        sections=(Section(0, "제목"), Section(4, "둘째")),
        pages=(0, 3),
        keep=(Span(0, 2), Span(4, 6)),
    )

    catalog.put_document(document, "가나다라마바", [make_passage(0, 2), make_passage(4, 6)])

    assert catalog.documents() == [replace(document, characters=6, n_passages=2)]
    assert catalog.read_text("a") == "가나다라마바"


def test_replaced_document_keeps_nothing_of_the_old_one(catalog: Catalog) -> None:
    old = put(catalog, "a", "one", "two", "three")
    catalog.put_document(make_document("a", source="new.txt"), "새 글", [make_passage(0, 3)])

    assert [d.source for d in catalog.documents()] == ["new.txt"]
    assert catalog.read_text("a") == "새 글"
    assert catalog.passages(old) == {}
    assert catalog.counts() == (1, 1)


def test_removed_document_leaves_nothing(catalog: Catalog) -> None:
    put(catalog, "a", "one", "two")
    put(catalog, "b", "three")

    catalog.remove_document("a")

    assert [d.id for d in catalog.documents()] == ["b"]
    assert catalog.read_text("a") == ""
    assert catalog.passage_ids(["a"]) == []
    assert catalog.counts() == (1, 1)


def test_removing_what_is_not_there_changes_nothing(catalog: Catalog) -> None:
    put(catalog, "a", "one")
    catalog.remove_document("b")
    assert catalog.last_change() == 1


def test_moved_document_keeps_its_passages(catalog: Catalog) -> None:
    ids = put(catalog, "a", "one")
    catalog.move_document("a", "/elsewhere/a", "2026-02-01T00:00:00+00:00")

    (document,) = catalog.documents()
    assert (document.origin, document.modified_at) == ("/elsewhere/a", "2026-02-01T00:00:00+00:00")
    assert catalog.passage_ids(["a"]) == ids


def test_documents_are_listed_by_collection_and_source(catalog: Catalog) -> None:
    for ident, collection, source in (("1", "b", "a"), ("2", "a", "b"), ("3", "a", "a")):
        catalog.put_document(make_document(ident, collection=collection, source=source), "", [])
    assert [d.id for d in catalog.documents()] == ["3", "2", "1"]


def test_more_documents_than_sqlite_takes_variables_are_found(catalog: Catalog) -> None:
    for number in range(1001):
        catalog.put_document(make_document(f"d{number}"), "x", [make_passage(0, 1)])
    ids = [f"d{number}" for number in range(1001)]

    assert {d.id for d in catalog.documents(ids)} == set(ids)
    assert len(catalog.passages(catalog.passage_ids(ids))) == 1001
    assert len(catalog.embeddings(catalog.passage_ids(ids))) == 1001


def test_document_is_found_by_id_source_or_title(catalog: Catalog) -> None:
    put(catalog, "a")
    assert [catalog.find_document(name).id for name in ("a", "a.txt", "Title a")] == ["a", "a", "a"]


def test_ambiguous_name_is_refused_with_the_ids(catalog: Catalog) -> None:
    for ident in ("a", "b"):
        catalog.put_document(make_document(ident, source="same.txt"), "", [])
    with pytest.raises(UnknownDocument, match="2 documents have this source; name one by its id: a, b"):
        catalog.find_document("same.txt")


def test_unknown_name_is_refused(catalog: Catalog) -> None:
    with pytest.raises(UnknownDocument, match="no such document"):
        catalog.find_document("a")


@pytest.mark.parametrize(("position", "page"), [(0, 1), (9, 1), (10, 2), (99, 3)])
def test_page_is_the_last_one_that_began(position: int, page: int) -> None:
    assert replace(make_document("a"), pages=(0, 10, 20)).page_at(position) == page


def test_document_without_pages_has_no_page() -> None:
    assert make_document("a").page_at(5) is None


def test_spec_is_kept(catalog: Catalog) -> None:
    spec = IndexSpec("m", "f", 2, 200, 450, "k")
    assert catalog.spec() is None
    catalog.save_spec(spec)
    assert catalog.spec() == spec


# Text


@given(
    pieces=st.lists(st.sampled_from(["가", "a", "🙂", "é", "\n", "漢", "𝒳"]), min_size=1, max_size=50),
    near=st.integers(0, 3),
    offset=st.integers(-5, 5),
    length=st.integers(0, TEXT_BLOCK_CHARS * 2 + 10),
)
@settings(max_examples=30, deadline=None)
def test_reading_a_span_equals_slicing_the_text(
    pieces: list[str], near: int, offset: int, length: int
) -> None:
    text = ("".join(pieces) * (3 * TEXT_BLOCK_CHARS // len(pieces) + 1))[: 3 * TEXT_BLOCK_CHARS - 7]
    start = max(0, near * TEXT_BLOCK_CHARS + offset)
    with tempfile.TemporaryDirectory() as folder, Catalog(Path(folder) / "inyong.db") as catalog:
        catalog.put_document(make_document("a"), text, [])

        assert catalog.read_text("a", Span(start, start + length)) == text[start : start + length]
        assert catalog.read_text("a") == text


def test_text_of_an_unknown_document_is_empty(catalog: Catalog) -> None:
    assert catalog.read_text("nobody") == ""
    assert catalog.read_text("nobody", Span(3, 9)) == ""


# Filters


@pytest.fixture
def shelves(catalog: Catalog) -> Catalog:
    for ident, collection, metadata in (
        ("a", "news", {"date": "2026-01-29", "author": "Kim"}),
        ("b", "news", {"date": "2025-12-31", "author": "Lee"}),
        ("c", "law", {"author": "Kim", "부서": "기획"}),
    ):
        catalog.put_document(make_document(ident, collection=collection, metadata=metadata), "x", [])
    return catalog


def test_no_filter_leaves_nothing_out(shelves: Catalog) -> None:
    assert shelves.select_documents([], {}) is None


@pytest.mark.parametrize(
    ("collections", "filters", "found"),
    [
        (["news"], {}, "ab"),
        (["law"], {}, "c"),
        (["news", "law"], {}, "abc"),
        (["nowhere"], {}, ""),
        ([], {"author": "Kim"}, "ac"),
        (["news"], {"author": "Kim"}, "a"),
        ([], {"author": "kim"}, ""),
        ([], {"부서": "기획"}, "c"),
        ([], {"source": "b.txt"}, "b"),
        ([], {"title": "Title c"}, "c"),
        ([], {"id": "a"}, "a"),
        ([], {"media_type": "text/plain"}, "abc"),
        ([], {"media_type": "text/html"}, ""),
        ([], {"date": "2026"}, "ac"),  # c by its modified time
        ([], {"date": "2026-01-29"}, "ac"),
        ([], {"date": "2025-12"}, "b"),
        ([], {"date": "2026", "author": "Lee"}, ""),
        ([], {"unknown": "x"}, ""),
        ([], {"author": "' OR 1=1 --"}, ""),
        ([], {"author') OR 1=1 --": "x"}, ""),
    ],
)
def test_filters_select_documents(
    shelves: Catalog, collections: list[str], filters: dict[str, str], found: str
) -> None:
    assert shelves.select_documents(collections, filters) == set(found)
