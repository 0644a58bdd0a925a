"""Stands in for endpoints that are being built; goes away with them."""

import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.backend import Backend
from service.schemas import document_as_json

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class _Policy:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", CSP.encode()))
            await send(message)

        await self._app(scope, receive, add)


def install(app: FastAPI, backend: Backend) -> None:
    if any(getattr(route, "path", "") == "/v1/documents" for route in app.routes):
        return
    app.add_middleware(_Policy)
    router = APIRouter(prefix="/v1")
    inyong = backend.inyong

    @router.get("/collections")
    def collections() -> Any:
        names = [one.collection for one in inyong.documents()]
        return {"collections": [{"name": n, "documents": names.count(n)} for n in sorted(set(names))]}

    @router.get("/documents")
    def documents(collection: str = "") -> Any:
        found = [one for one in inyong.documents() if not collection or one.collection == collection]
        return {"documents": [document_as_json(one) for one in found], "next": None}

    @router.get("/documents/{name}/text")
    def text(name: str, start: int, end: int) -> Any:
        return {"text": inyong.text(name, start, end)}

    @router.put("/documents/{name}", status_code=202)
    async def put(name: str, request: Request) -> Any:
        data = await request.body()
        path = Path(tempfile.mkdtemp()) / request.query_params["name"]
        path.write_bytes(data)
        inyong.index([path], collection=request.query_params.get("collection", "default"))
        return {"job": {"id": "j", "state": "queued", "reason": None}}

    @router.get("/jobs/{name}")
    def job(name: str) -> Any:
        return {"id": "j", "state": "done", "reason": None}

    @router.delete("/documents/{name}", status_code=204)
    def delete(name: str) -> Response:
        inyong.remove([name])
        return Response(status_code=204)

    @router.post("/feedback", status_code=204)
    async def feedback(request: Request) -> Response:
        return Response(status_code=204)

    app.include_router(router)
