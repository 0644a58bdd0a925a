"""Lists of documents, restricted to some collections."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.store import Catalog
from index.store.listing import Place, count_by_collection, find_documents, list_documents
from tests.index.samples import make_document


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "inyong.db") as opened:
        for number, (collection, source) in enumerate(
            [("a", "2.md"), ("b", "1.md"), ("a", "1.md"), ("c", "1.md"), ("a", "1.md")]
        ):
            document = replace(
                make_document(f"d{number}"), collection=collection, source=source, origin=f"/{number}"
            )
            opened.put_document(document, "글", [])
        yield opened


def test_documents_come_by_collection_source_and_id(catalog: Catalog) -> None:
    assert [d.id for d in list_documents(catalog, None, 10)] == ["d2", "d4", "d0", "d1", "d3"]


def test_pages_joined_are_the_whole_list(catalog: Catalog) -> None:
    ids: list[str] = []
    after: Place | None = None
    while page := list_documents(catalog, ["a", "c"], 2, after):
        assert len(page) <= 2
        ids += [document.id for document in page]
        after = Place(page[-1].collection, page[-1].source, page[-1].id)
    assert ids == ["d2", "d4", "d0", "d3"]


def test_a_page_may_begin_at_a_document_that_is_gone(catalog: Catalog) -> None:
    catalog.remove_document("d4")
    assert [d.id for d in list_documents(catalog, None, 1, Place("a", "1.md", "d4"))] == ["d0"]


def test_other_collections_are_neither_found_nor_counted(catalog: Catalog) -> None:
    assert [d.id for d in find_documents(catalog, ["d0", "d1", "nothing"], ["b"])] == ["d1"]
    assert count_by_collection(catalog, ["b", "nothing"]) == {"b": 1}


def test_no_collection_is_not_every_collection(catalog: Catalog) -> None:
    assert find_documents(catalog, ["d0"], []) == []
    assert list_documents(catalog, [], 10) == []
    assert count_by_collection(catalog, []) == {}


def test_all_collections_are_counted_by_name(catalog: Catalog) -> None:
    assert list(count_by_collection(catalog, None).items()) == [("a", 3), ("b", 1), ("c", 1)]


def test_more_collections_than_sqlite_takes_variables_are_looked_in(catalog: Catalog) -> None:
    many = [*(f"none{number}" for number in range(40_000)), "b"]
    assert count_by_collection(catalog, many) == {"b": 1}
    assert [d.id for d in list_documents(catalog, many, 10)] == ["d1"]
    assert [d.id for d in find_documents(catalog, [*many, "d0", "d1"], many)] == ["d1"]
    assert catalog.select_documents(many, {}) == {"d1"}
    assert catalog.count_passages(many) == 0


@pytest.mark.parametrize("name", ["\0", "b\0", "", "\ud800", "b' OR 1=1 --"])
def test_a_collection_that_cannot_exist_holds_nothing(catalog: Catalog, name: str) -> None:
    assert count_by_collection(catalog, [name]) == {}
    assert catalog.select_documents([name], {}) == set()
