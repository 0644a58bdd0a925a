"""The FastAPI app, with every router and middleware in one list each."""

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
    documentation,
    documents,
    monitoring,
    page,
)
from service.api.backend import Backend
from service.api.middleware import BodyLimits, RequestRecorder, SecurityHeaders
from service.api.problems import install_problems
from service.api.slack import SlackOverHttp, open_slack

ROUTERS = (  # one per resource, each with its own prefix and dependencies
    answers.router,
    chat.router,
    documents.router,
    documentation.router,
    monitoring.router,
    page.router,
)


class _App(FastAPI):
    """A FastAPI app whose schema omits FastAPI's own validation errors, which problems replace."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return the middleware stack, headers outermost so that internal errors carry them too."""
        return SecurityHeaders(super().build_middleware_stack())

    def openapi(self) -> dict[str, Any]:
        """Return the schema without FastAPI's own validation errors."""
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
    """Return the app over this backend, which it closes on shutdown.

    Includes the Slack bot if the environment configures one. Raises BadSetting.
    """
    app = _App(
        title="Inyong",
        version=version("inyong"),
        summary="Answers from your own documents; every citation is an exact quotation.",
        lifespan=_lifespan,
        docs_url=None,  # FastAPI's page loads scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat the Host header of the request
        middleware=[  # pure ASGI, outermost first
            Middleware(RequestRecorder, backend.metrics),
            Middleware(BodyLimits, max_upload_bytes=backend.settings.max_file_mb * 1_000_000),
        ],
    )
    app.state.backend = backend
    install_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    app.state.slack = open_slack(backend.dispatcher)
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
