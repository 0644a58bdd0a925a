"""The page at `/`: one template with its scripts and styles, read once and served from memory.

It holds no data: everything shown is fetched from the API by the scripts in `service/web/static`. The
Content-Security-Policy that they live under is a header of every response, set where all are.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from index.readers.registry import SUPPORTED_SUFFIXES
from service.api.backend import TheBackend
from service.api.problems import Problem
from service.api.templates import templates

_WEB = Path(__file__).parents[1] / "web"
_MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_NOT_AHEAD = ("early.js", "app.js", "types.js")  # the template names two, and nothing needs the last to run
# The folder of the static files is named for their content, so that a page never meets another version's.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class _Asset:
    """A file as it is sent. etag: with its quotation marks."""

    content: bytes
    media_type: str
    etag: str
    cache: str

    def answer(self, request: Request) -> Response:
        """The file, or 304 for a browser that has it."""
        headers = {"ETag": self.etag, "Cache-Control": self.cache}
        known = request.headers.get("if-none-match", "").split(",")
        if self.etag in {tag.strip().removeprefix("W/") for tag in known}:
            return Response(status_code=304, headers=headers)
        return Response(self.content, media_type=self.media_type, headers=headers)


router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
async def show_page(request: Request, backend: TheBackend) -> Response:
    """The page."""
    return _render_home(backend.settings.max_file_mb).answer(request)


@router.api_route("/static/{folder}/{name}", methods=["GET", "HEAD"])
async def send_static(request: Request, folder: str, name: str) -> Response:
    """One of its scripts or styles."""
    asset = _read_static().get(name) if folder == _version() else None
    if asset is None:
        raise Problem(404, f"there is nothing at {request.url.path}")
    return asset.answer(request)


@cache
def _read_static() -> Mapping[str, _Asset]:
    """The static files by name. Only what lies there now can be asked for, so no path can lead elsewhere."""
    return {
        path.name: _asset(path.read_bytes(), _MEDIA_TYPES[path.suffix], _FOR_EVER)
        for path in sorted((_WEB / "static").iterdir())
        if path.suffix in _MEDIA_TYPES
    }


@cache
def _version() -> str:
    tags = "".join(asset.etag for asset in _read_static().values())
    return hashlib.sha256(tags.encode()).hexdigest()[:12]


@cache
def _render_home(max_upload_mb: int) -> _Asset:
    """The page. max_upload_mb: what a file may have, so that a larger one is not even sent."""
    page = (
        templates()
        .get_template("page.html")
        .render(
            static=f"static/{_version()}",
            modules=[name for name in _read_static() if name.endswith(".js") and name not in _NOT_AHEAD],
            suffixes=",".join(SUPPORTED_SUFFIXES),
            max_upload_mb=max_upload_mb,
        )
    )
    return _asset(page.encode(), "text/html; charset=utf-8", _ASK_AGAIN)


def _asset(content: bytes, media_type: str, cache: str) -> _Asset:
    return _Asset(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:24]}"', cache)
