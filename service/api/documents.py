"""Documents: list, upload, inspect, read and delete them; the progress of uploads; collections."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.requests import ClientDisconnect

from index.formats.registry import SUPPORTED_SUFFIXES
from index.indexing.origin import upload_id, upload_key
from index.store import StoredDocument
from index.store.listing import count_by_collection, find_documents, list_documents
from service.api.authentication import AnyCaller, Asker, Writer
from service.api.backend import Backend, TheBackend
from service.api.document_schemas import (
    MAX_PAGE,
    MAX_TEXT_CHARS,
    AcceptedBody,
    CollectionBody,
    CollectionQuery,
    CollectionsBody,
    DocumentBody,
    DocumentId,
    DocumentPage,
    FileName,
    JobBody,
    TextBody,
    decode_cursor,
    encode_cursor,
)
from service.api.problems import Problem, ProblemKind, describe
from service.storage.jobs import JobState
from service.storage.permissions import Caller

router = APIRouter(prefix="/v1", tags=["documents"])

DEFAULT_COLLECTION = "default"
_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_SAME_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "These bytes are there already.", "model": AcceptedBody}
}
_Position = Annotated[int, Query(ge=0, le=1 << 40)]


@router.get("/documents", responses=describe(401, 403, 422, 429, 503))
async def documents(
    backend: TheBackend,
    caller: Asker,
    collection: CollectionQuery = None,
    cursor: Annotated[str | None, Query(max_length=8000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> DocumentPage:
    """List the documents by collection and source, one page at a time."""
    after = decode_cursor(cursor) if cursor else None
    within = _visible_collections(caller, collection)
    found = await backend.run(list_documents, backend.inyong.catalog(), within, limit + 1, after)
    page = found[:limit]
    return DocumentPage(
        documents=[DocumentBody.of(document) for document in page],
        next=encode_cursor(page[-1]) if len(found) > limit else None,
    )


@router.get("/documents/{id}", responses=describe(401, 403, 404, 409, 422, 429, 503))
async def document(
    ident: DocumentId, backend: TheBackend, caller: Asker, collection: CollectionQuery = None
) -> DocumentBody:
    """Return a document without its text."""
    return DocumentBody.of(await backend.run(find_document, backend, caller, ident, collection))


@router.get("/documents/{id}/text", responses=describe(401, 403, 404, 409, 422, 429, 503))
async def text(
    ident: DocumentId,
    backend: TheBackend,
    caller: Asker,
    start: _Position = 0,
    end: Annotated[int | None, Query(ge=0, le=1 << 40)] = None,
    collection: CollectionQuery = None,
) -> TextBody:
    """Return the stored text from `start` up to but not including `end`, for checking quotes."""
    if end is not None and end < start:
        raise Problem(422, "the query parameter end: must not be less than start")
    found = await backend.run(find_document, backend, caller, ident, collection)
    last = min(found.characters if end is None else end, start + MAX_TEXT_CHARS)
    part = await backend.run(backend.inyong.text, found.id, start, last)
    return TextBody(text=part, start=start, end=start + len(part), characters=found.characters)


@router.put(
    "/documents/{id}",
    status_code=202,
    openapi_extra=_BYTES,
    responses=_SAME_BYTES | describe(400, 401, 403, 408, 409, 413, 415, 422, 429, 503),
)
async def put(
    ident: DocumentId,
    request: Request,
    response: Response,
    backend: TheBackend,
    caller: Writer,
    collection: CollectionQuery = None,
    name: FileName = None,
) -> AcceptedBody:
    """Upload a document; the body is its bytes. It is indexed in the background; the job reports progress.

    Uploading to the same id replaces the document; the same bytes change nothing. collection: by default the
    key's only collection, else `default`.
    """
    target = collection or _default_collection(caller)
    if not caller.sees(target):
        detail = f"this key may not write to the collection {target!r}"
        raise Problem(403, detail, kind=ProblemKind.NOT_ALLOWED)
    file_name = name or ident
    if not file_name.lower().endswith(SUPPORTED_SUFFIXES):
        detail = f"no reader for {file_name}; its name must end in {', '.join(SUPPORTED_SUFFIXES)}"
        raise Problem(415, detail, kind=ProblemKind.UNSUPPORTED_FORMAT)
    key = await backend.run(_upload_key, backend, target, ident)
    with backend.uploads.receiving() as received:
        try:
            async for piece in request.stream():
                await backend.run(received.write, piece)
        except ClientDisconnect:
            raise Problem(400, "the body ended before it was whole") from None
        if not received.size:
            detail = "the body is empty; send the document's bytes"
            raise Problem(422, detail, kind=ProblemKind.EMPTY_DOCUMENT)
        job = await backend.run(backend.uploads.accept, received, target, key, file_name)
    response.status_code = 200 if job.state is JobState.DONE else 202
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return AcceptedBody(job=JobBody.of(job))


@router.delete("/documents/{id}", status_code=204, responses=describe(401, 403, 404, 409, 422, 429, 503))
async def delete(
    ident: DocumentId, backend: TheBackend, caller: Writer, collection: CollectionQuery = None
) -> None:
    """Delete a document, even before it is indexed. The source file is not deleted."""
    await backend.run(_delete, backend, caller, ident, collection)


@router.get("/jobs/{id}", responses=describe(401, 404, 422, 429, 503))
async def job(
    ident: Annotated[str, Path(alias="id", pattern="^[0-9a-f]{32}$")], backend: TheBackend, caller: AnyCaller
) -> JobBody:
    """Return the progress of an upload; finished jobs are stored for a week."""
    found = await backend.run(backend.uploads.find, ident)
    if found is None or not caller.sees(found.collection):
        raise Problem(404, "no such job")
    return JobBody.of(found)


@router.get("/collections", responses=describe(401, 403, 429, 503))
async def collections(backend: TheBackend, caller: Asker) -> CollectionsBody:
    """List the collections that the caller may see; for a key limited to some, empty ones too."""
    counts = await backend.run(count_by_collection, backend.inyong.catalog(), caller.collections)
    counts |= {name: counts.get(name, 0) for name in caller.collections or ()}
    return CollectionsBody(
        collections=[CollectionBody(name=name, documents=count) for name, count in sorted(counts.items())]
    )


def _visible_collections(caller: Caller, collection: str | None) -> frozenset[str] | None:
    """Return the collections that the caller may search; None for all. collection: the only one to search."""
    if collection is None:
        return caller.collections
    return frozenset({collection} if caller.sees(collection) else ())


def find_document(backend: Backend, caller: Caller, ident: str, collection: str | None) -> StoredDocument:
    """Return the document with this id: the one in lists and citations, or the one chosen by its uploader.

    Blocks. Raises Problem: 404, the same for a document hidden from the caller, and 409 when several
    collections hold an upload with this id.
    """
    catalog = backend.inyong.catalog()
    within = _visible_collections(caller, collection)
    names = count_by_collection(catalog, None) if within is None else within
    found = find_documents(catalog, {ident, *(upload_id(name, ident) for name in names)}, within)
    matches = [document for document in found if document.id == ident] or found
    if not matches:
        raise Problem(404, "no such document", kind=ProblemKind.NO_SUCH_DOCUMENT)
    if len(matches) > 1:
        holders = ", ".join(sorted(document.collection for document in matches))
        raise Problem(409, f"several collections hold a document {ident}; add ?collection= {holders}")
    return matches[0]


def _default_collection(caller: Caller) -> str:
    names = caller.collections or ()
    return next(iter(names)) if len(names) == 1 else DEFAULT_COLLECTION


def _upload_key(backend: Backend, collection: str, ident: str) -> str:
    """Return the key of the upload that a PUT to this id replaces or creates. Raises Problem."""
    for known in find_documents(backend.inyong.catalog(), [ident], [collection]):
        key = upload_key(known.origin)
        if key is None:
            raise Problem(
                409,
                f"{known.source} was indexed from a file and changes with it; upload under another id",
                kind=ProblemKind.INDEXED_FROM_FILE,
            )
        return key
    return ident


def _delete(backend: Backend, caller: Caller, ident: str, collection: str | None) -> None:
    try:
        found = find_document(backend, caller, ident, collection)
    except Problem as problem:
        if problem.status != 404 or not _cancel_upload(backend, caller, ident, collection):
            raise
        return
    with backend.uploads.cancelling(found.collection, upload_key(found.origin) or ""):
        backend.inyong.forget(found.id)


def _cancel_upload(backend: Backend, caller: Caller, ident: str, collection: str | None) -> bool:
    """Cancel an upload that is not stored yet; return False when the caller has none with this id."""
    within = _visible_collections(caller, collection)
    names = [name for name in backend.uploads.waiting_in(ident) if within is None or name in within]
    if len(names) > 1:
        raise Problem(409, f"several collections await a document {ident}; add ?collection=")
    for name in names:
        with backend.uploads.cancelling(name, ident):
            backend.inyong.forget(upload_id(name, ident))  # it may have been stored since the lookup
    return bool(names)
