"""From a request to the caller who makes it."""

from typing import Annotated

from fastapi import Depends

from service.access import EVERYONE, Caller


async def current_caller() -> Caller:
    """Who makes this request."""
    return EVERYONE


CurrentCaller = Annotated[Caller, Depends(current_caller)]
