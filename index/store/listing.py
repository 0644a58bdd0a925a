"""Document listings for clients that may see some collections only.

Access is restricted inside the database query, so that response times do not reveal whether a document that
the client may not see exists.
"""

from collections.abc import Collection
from dataclasses import dataclass

from index.store.catalog import Catalog
from index.store.lists import ANY_OF, as_list
from index.store.types import StoredDocument


@dataclass(frozen=True, slots=True)
class Place:
    """A document's sort key in a listing, used as a pagination cursor."""

    collection: str
    source: str
    id: str


def find_documents(
    catalog: Catalog, ids: Collection[str], collections: Collection[str] | None
) -> list[StoredDocument]:
    """Return the documents with these ids in these collections; None: in any."""
    within, values = _within(collections)
    with catalog.reading() as connection:
        rows = connection.execute(
            f"SELECT id FROM documents WHERE id IN {ANY_OF} AND {within}", [as_list(ids), *values]
        ).fetchall()
        return catalog.documents([row[0] for row in rows])


def list_documents(
    catalog: Catalog, collections: Collection[str] | None, limit: int, after: Place | None = None
) -> list[StoredDocument]:
    """Return at most `limit` documents after `after`, ordered by collection, source and id."""
    within, values = _within(collections)
    behind = "1"
    if after:
        behind = "(collection, source, id) > (?, ?, ?)"
        values += [after.collection, after.source, after.id]
    with catalog.reading() as connection:
        rows = connection.execute(
            f"SELECT id FROM documents WHERE {within} AND {behind} ORDER BY collection, source, id LIMIT ?",
            [*values, limit],
        ).fetchall()
        ids = [row[0] for row in rows]
        found = {document.id: document for document in catalog.documents(ids)}
    return [found[ident] for ident in ids]


def count_by_collection(catalog: Catalog, collections: Collection[str] | None) -> dict[str, int]:
    """Return the number of documents by collection; empty collections are omitted."""
    within, values = _within(collections)
    with catalog.reading() as connection:
        return dict(
            connection.execute(
                f"SELECT collection, count(*) FROM documents WHERE {within} GROUP BY collection"
                " ORDER BY collection",
                values,
            )
        )


def _within(collections: Collection[str] | None) -> tuple[str, list[object]]:
    if collections is None:
        return "1", []
    return f"collection IN {ANY_OF}", [as_list(collections)]
