"""GET /v1/collections: what there is to look in."""

from fastapi import APIRouter

from index.catalog.listing import count_by_collection
from service.api.backend import TheBackend
from service.api.callers import CurrentCaller
from service.api.document_bodies import CollectionBody, CollectionsBody
from service.api.problem_schemas import describe

router = APIRouter(prefix="/v1", tags=["documents"])


@router.get("/collections", responses=describe(401, 403, 429, 503))
async def collections(backend: TheBackend, caller: CurrentCaller) -> CollectionsBody:
    """The collections that the caller may see; for a key that is limited to some, also its empty ones."""
    counts = await backend.run(count_by_collection, backend.inyong.catalog(), caller.collections)
    counts |= {name: counts.get(name, 0) for name in caller.collections or ()}
    return CollectionsBody(
        collections=[CollectionBody(name=name, documents=count) for name, count in sorted(counts.items())]
    )
