"""The app: every router and middleware in one list each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.middleware import Middleware
from starlette.types import ASGIApp

from service.api import (
    answers,
    chat,
    collections,
    documentation,
    documents,
    feedback,
    health,
    jobs,
    metrics,
    models,
    page,
    searching,
)
from service.api.backend import Backend
from service.api.limits import BodyLimits, SecurityHeaders
from service.api.observing import Observing
from service.api.problems import install_problems
from service.api.slack import SlackOverHttp, open_slack

ROUTERS = (  # one a resource; each brings its own prefix and dependencies
    answers.router,
    searching.router,
    chat.router,
    models.router,
    documents.router,
    jobs.router,
    collections.router,
    feedback.router,
    documentation.router,
    health.router,
    metrics.router,
    page.router,
)


class _App(FastAPI):
    """FastAPI, whose schema leaves out the errors that FastAPI expects of itself: problems stand for them."""

    def build_middleware_stack(self) -> ASGIApp:
        """What a request goes through; the headers outermost, for errors of ours have to have them too."""
        return SecurityHeaders(super().build_middleware_stack())

    def openapi(self) -> dict[str, Any]:
        """The schema."""
        if self.openapi_schema is None:
            schema = super().openapi()
            for operation in (method for path in schema["paths"].values() for method in path.values()):
                if "HTTPValidationError" in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]
            for unused in ("HTTPValidationError", "ValidationError"):
                schema.get("components", {}).get("schemas", {}).pop(unused, None)
        assert self.openapi_schema is not None
        return self.openapi_schema


def create_app(backend: Backend) -> FastAPI:
    """The service over this backend, which the app closes when it ends.

    Where the environment has what it needs, the Slack bot is part of it. Raises BadSetting.
    """
    app = _App(
        title="Inyong",
        version=version("inyong"),
        summary="Answers from your own documents; every citation is an exact quotation.",
        lifespan=_lifespan,
        docs_url=None,  # FastAPI's page loads scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,  # a redirect names the host that the request claims to have come to
        middleware=[  # pure ASGI, the outermost first
            Middleware(Observing, backend.observers()),
            Middleware(BodyLimits, most_upload_bytes=backend.settings.max_file_mb * 1_000_000),
        ],
    )
    app.state.backend = backend
    install_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    app.state.slack = open_slack(backend.desk)
    if app.state.slack:
        app.include_router(app.state.slack.router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    backend: Backend = app.state.backend
    slack: SlackOverHttp | None = app.state.slack
    if slack:
        await slack.start()
    try:
        yield
    finally:
        if slack:
            await slack.close()
        backend.close()
