"""The change log."""

from index.store import Catalog, Change
from tests.index.samples import put


def test_each_put_and_removal_leaves_a_line_in_the_change_log(catalog: Catalog) -> None:
    assert catalog.last_change() == 0
    put(catalog, "a", "one", "two")
    put(catalog, "b", "three")
    catalog.remove_document("a")

    assert catalog.changes_since(0) == [
        Change(1, True, 1, 3),
        Change(2, True, 3, 4),
        Change(3, False, 1, 3),
    ]
    assert catalog.changes_since(2) == [Change(3, False, 1, 3)]
    assert catalog.last_change() == 3


def test_document_without_passages_leaves_no_change(catalog: Catalog) -> None:
    put(catalog, "a")
    assert catalog.last_change() == 0
