"""The app: every router and middleware in one list each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.middleware import Middleware

from service.api import answers, chat, collections, documents, feedback, jobs, models, searching
from service.api.backend import Backend
from service.api.limits import BodyLimits, SecurityHeaders
from service.api.problems import install_problems

ROUTERS = (
    answers.router,
    searching.router,
    chat.router,
    models.router,
    documents.router,
    jobs.router,
    collections.router,
    feedback.router,
)  # one a resource; each brings its own prefix and dependencies
MIDDLEWARE: tuple[Middleware, ...] = ()  # pure ASGI, the outermost first


def create_app(backend: Backend) -> FastAPI:
    """The service over this backend, which the app closes when it ends."""
    app = FastAPI(
        title="Inyong",
        version=version("inyong"),
        summary="Answers from your own documents; every citation is an exact quotation.",
        lifespan=_lifespan,
        docs_url=None,  # FastAPI's page loads scripts from other hosts
        redoc_url=None,
        middleware=[
            *MIDDLEWARE,
            Middleware(SecurityHeaders),
            Middleware(BodyLimits, most_upload_bytes=backend.settings.max_file_mb * 1_000_000),
        ],
    )
    app.state.backend = backend
    install_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    backend: Backend = app.state.backend
    try:
        yield
    finally:
        backend.close()
