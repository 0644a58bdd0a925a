"""/v1/documents: list, upload, look at, read and delete."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.requests import ClientDisconnect

from index.catalog.listing import find_documents, list_documents
from index.origin import upload_id, upload_key
from index.readers.registry import SUPPORTED_SUFFIXES
from service.access import Caller
from service.api.backend import Backend, TheBackend
from service.api.callers import CurrentCaller, Writer
from service.api.document_bodies import (
    MAX_PAGE,
    MAX_TEXT_CHARS,
    AcceptedBody,
    CollectionQuery,
    DocumentBody,
    DocumentId,
    DocumentPage,
    FileName,
    JobBody,
    TextBody,
    cursor_behind,
    place_of,
)
from service.api.finding import find_document, visible_collections
from service.api.problem_kinds import ProblemKind
from service.api.problem_schemas import describe
from service.api.problems import Problem
from service.jobs import JobState
from service.reception import Reception

router = APIRouter(prefix="/v1", tags=["documents"])

DEFAULT_COLLECTION = "default"
_PIECE_BYTES = 1 << 20  # written to disk at once
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
    caller: CurrentCaller,
    collection: CollectionQuery = None,
    cursor: Annotated[str | None, Query(max_length=8000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> DocumentPage:
    """The documents, by collection and source, a page at a time."""
    after = place_of(cursor) if cursor else None
    within = visible_collections(caller, collection)
    found = await backend.run(list_documents, backend.inyong.catalog(), within, limit + 1, after)
    page = found[:limit]
    return DocumentPage(
        documents=[DocumentBody.of(document) for document in page],
        next=cursor_behind(page[-1]) if len(found) > limit else None,
    )


@router.get("/documents/{id}", responses=describe(401, 403, 404, 409, 422, 429, 503))
async def document(
    ident: DocumentId, backend: TheBackend, caller: CurrentCaller, collection: CollectionQuery = None
) -> DocumentBody:
    """What is known of a document, but its text."""
    return DocumentBody.of(await backend.run(find_document, backend, caller, ident, collection))


@router.get("/documents/{id}/text", responses=describe(401, 403, 404, 409, 422, 429, 503))
async def text(
    ident: DocumentId,
    backend: TheBackend,
    caller: CurrentCaller,
    start: _Position = 0,
    end: Annotated[int | None, Query(ge=0, le=1 << 40)] = None,
    collection: CollectionQuery = None,
) -> TextBody:
    """The stored text from `start` up to, not including, `end`, so that anyone can check a quote."""
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
    """Uploads a document: the body is its bytes. It is indexed in the background; ask the job how far it is.

    The same id again replaces the document, and the same bytes change nothing. collection: left out, the
    one collection of the key, else `default`.
    """
    place = collection or _own_collection(caller)
    if not caller.sees(place):
        told = f"this key may not write to the collection {place!r}"
        raise Problem(403, told, kind=ProblemKind.NOT_ALLOWED)
    file_name = name or ident
    if not file_name.lower().endswith(SUPPORTED_SUFFIXES):
        told = f"no reader for {file_name}; its name must end in {', '.join(SUPPORTED_SUFFIXES)}"
        raise Problem(415, told, kind=ProblemKind.UNSUPPORTED_FORMAT)
    key = await backend.run(_key_of, backend, place, ident)
    with backend.uploads.receiving() as reception:
        await _receive(request, backend, reception)
        if not reception.size:
            told = "the body is empty; send the document's bytes"
            raise Problem(422, told, kind=ProblemKind.EMPTY_DOCUMENT)
        job = await backend.run(backend.uploads.accept, reception, place, key, file_name)
    response.status_code = 200 if job.state is JobState.DONE else 202
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return AcceptedBody(job=JobBody.of(job))


@router.delete("/documents/{id}", status_code=204, responses=describe(401, 403, 404, 409, 422, 429, 503))
async def delete(
    ident: DocumentId, backend: TheBackend, caller: Writer, collection: CollectionQuery = None
) -> None:
    """Forgets a document, also one that is still to be indexed. A file it came from is left alone."""
    await backend.run(_delete, backend, caller, ident, collection)


def _own_collection(caller: Caller) -> str:
    names = caller.collections or ()
    return next(iter(names)) if len(names) == 1 else DEFAULT_COLLECTION


def _key_of(backend: Backend, collection: str, ident: str) -> str:
    """The key of the upload that a PUT to this id replaces or makes."""
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


async def _receive(request: Request, backend: Backend, reception: Reception) -> None:
    """Writes the body to disk as it comes; nobody's body is held in memory whole."""
    waiting = bytearray()
    try:
        async for piece in request.stream():
            waiting += piece
            if len(waiting) >= _PIECE_BYTES:
                await backend.run(reception.write, bytes(waiting))
                waiting.clear()
    except ClientDisconnect:
        raise Problem(400, "the body ended before it was whole") from None
    await backend.run(reception.write, bytes(waiting))


def _delete(backend: Backend, caller: Caller, ident: str, collection: str | None) -> None:
    try:
        found = find_document(backend, caller, ident, collection)
    except Problem as problem:
        if problem.status != 404 or not _withdraw(backend, caller, ident, collection):
            raise
        return
    with backend.uploads.withdrawing(found.collection, upload_key(found.origin) or ""):
        backend.inyong.forget(found.id)


def _withdraw(backend: Backend, caller: Caller, ident: str, collection: str | None) -> bool:
    """Ends an upload that had not come into the store yet; False when the caller has none of this id."""
    within = visible_collections(caller, collection)
    names = [name for name in backend.uploads.waiting_in(ident) if within is None or name in within]
    if len(names) > 1:
        raise Problem(409, f"several collections await a document {ident}; add ?collection=")
    for name in names:
        with backend.uploads.withdrawing(name, ident):
            backend.inyong.forget(upload_id(name, ident))  # it may have come in since it was looked for
    return bool(names)
