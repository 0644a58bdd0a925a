"""The page at `/`: one template with its scripts and styles, read once and served from memory.

It holds no data: the scripts in `service/web/static` fetch everything from the API. `middleware` sets the
Content-Security-Policy, as for every response.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from index.formats.registry import SUPPORTED_SUFFIXES
from service.api.backend import TheBackend
from service.api.problems import Problem

_WEB = Path(__file__).parents[1] / "web"
TEMPLATES = _WEB / "templates"
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_NOT_PRELOADED = ("early.js", "app.js", "types.js")  # the template loads two; the last is never run
# The URL of the static files contains a hash of their content, so that a page never loads another version.
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
async def show_page(backend: TheBackend) -> HTMLResponse:
    """Return the page."""
    return HTMLResponse(_render_page(backend.settings.max_file_mb), headers={"Cache-Control": "no-cache"})


@router.api_route("/static/{version}/{name}", methods=["GET", "HEAD"])
async def send_static(request: Request, version: str, name: str) -> Response:
    """Return a static file of the page."""
    content = _static_files().get(name) if version == _version() else None
    if content is None:
        raise Problem(404, f"there is nothing at {request.url.path}")
    return Response(content, media_type=_MEDIA_TYPES[Path(name).suffix], headers=_IMMUTABLE)


@cache
def templates() -> Environment:
    """Return the environment that loads templates by name; values are escaped, undefined ones are errors."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _static_files() -> Mapping[str, bytes]:
    """Return the static files by name. Only these can be requested, which rules out path traversal."""
    paths = sorted((_WEB / "static").iterdir())
    return {path.name: path.read_bytes() for path in paths if path.suffix in _MEDIA_TYPES}


@cache
def _version() -> str:
    return hashlib.sha256(b"\0".join(_static_files().values())).hexdigest()[:12]


@cache
def _render_page(max_upload_mb: int) -> str:
    """Return the rendered page. max_upload_mb: size limit, so that no larger file is even sent."""
    scripts = [name for name in _static_files() if name.endswith(".js")]
    return (
        templates()
        .get_template("page.html")
        .render(
            static=f"static/{_version()}",
            modules=[name for name in scripts if name not in _NOT_PRELOADED],
            suffixes=",".join(SUPPORTED_SUFFIXES),
            max_upload_mb=max_upload_mb,
        )
    )
