"""Answer questions with citations, from Python, HTTP, the web page, Slack and the command line."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.inyong import Inyong

__all__ = ["Inyong"]


def __getattr__(name: str) -> object:
    """Import `Inyong` on first access, so that other imports of the package stay cheap."""
    if name == "Inyong":
        from service.inyong import Inyong

        return Inyong
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
