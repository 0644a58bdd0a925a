"""From an id in a path to the document that the caller means and may see."""

from index.catalog import StoredDocument
from index.catalog.listing import count_by_collection, find_documents
from index.origin import upload_id
from service.access import Caller
from service.api.backend import Backend
from service.api.problem_kinds import ProblemKind
from service.api.problems import Problem


def visible_collections(caller: Caller, collection: str | None) -> frozenset[str] | None:
    """Where the caller may look; None: anywhere. collection: the only one to look in."""
    if collection is None:
        return caller.collections
    return frozenset({collection} if caller.sees(collection) else ())


def not_found() -> Problem:
    """The same for a document that does not exist and for one that the caller may not know of."""
    return Problem(404, "no such document", kind=ProblemKind.NO_SUCH_DOCUMENT)


def find_document(backend: Backend, caller: Caller, ident: str, collection: str | None) -> StoredDocument:
    """The document of this id: one that lists and citations name, or one that an uploader chose.

    Blocks. Raises Problem: 404, and 409 when several collections hold an upload of this id.
    """
    catalog = backend.inyong.catalog()
    within = visible_collections(caller, collection)
    names = count_by_collection(catalog, None) if within is None else within
    found = find_documents(catalog, {ident, *(upload_id(name, ident) for name in names)}, within)
    named = [document for document in found if document.id == ident] or found
    if not named:
        raise not_found()
    if len(named) > 1:
        collections = ", ".join(sorted(document.collection for document in named))
        raise Problem(409, f"several collections hold a document {ident}; add ?collection= {collections}")
    return named[0]
