"""One question in, one cited answer out, and the doors people knock on."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.inyong import Inyong

__all__ = ["Inyong"]


def __getattr__(name: str) -> object:
    """`from service import Inyong`, without making every other import of the package pay for it."""
    if name == "Inyong":
        from service.inyong import Inyong

        return Inyong
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
