"""From a request to the caller who makes it, if it may make it at all."""

import ipaddress
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.access import EVERYONE, Caller, Scope
from service.api.backend import Backend, TheBackend
from service.api.problem_kinds import ProblemKind
from service.api.problems import Problem

_BEARER = HTTPBearer(auto_error=False, description="An API key, made with `inyong keys add`.")
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


async def key_holder(
    request: Request,
    backend: TheBackend,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> Caller:
    """Who makes this request; while there are no keys, everyone on this machine."""
    key = credentials.credentials if credentials else None
    address = request.client.host if request.client else ""
    caller = await backend.key_checks.run(_identify, backend, key, address)
    if caller is EVERYONE:
        _require_from_here(request, backend)
    elif wait_s := backend.rates.take(caller.id):
        raise Problem(
            429,
            f"more than {backend.settings.requests_per_minute} requests in a minute with this key; "
            f"try again in {wait_s} seconds",
            kind=ProblemKind.TOO_MANY_REQUESTS,
            headers={"Retry-After": str(wait_s)},
        )
    return caller


KeyHolder = Annotated[Caller, Depends(key_holder)]


async def current_caller(caller: KeyHolder) -> Caller:
    """Who makes this request, and may ask and read."""
    return _require(caller, Scope.ASK)


async def writer(caller: KeyHolder) -> Caller:
    """Who makes this request, and may put documents in and take them out."""
    return _require(caller, Scope.WRITE)


async def overseer(caller: KeyHolder) -> Caller:
    """Who makes this request, and may know figures of the whole store."""
    if caller.collections is not None:
        raise Problem(403, "this key sees some collections only, and these figures are of all")
    return caller


CurrentCaller = Annotated[Caller, Depends(current_caller)]
Writer = Annotated[Caller, Depends(writer)]
Overseer = Annotated[Caller, Depends(overseer)]


def _identify(backend: Backend, key: str | None, address: str) -> Caller:
    """Blocks. Raises Problem, and StoreUnavailable when the keys cannot be read: then nobody gets in."""
    if not backend.keys.required():
        return EVERYONE
    if key is None:
        raise Problem(401, "an API key is needed; send it as Authorization: Bearer KEY", headers=_CHALLENGE)
    if wait_s := backend.wrong_keys.begin(address, key):
        raise Problem(
            429,
            f"too many unknown or revoked API keys from this address; try again in {wait_s} seconds",
            kind=ProblemKind.TOO_MANY_WRONG_KEYS,
            headers={"Retry-After": str(wait_s)},
        )
    caller = backend.keys.verify(key)
    if caller is None:
        backend.wrong_keys.was_wrong(key)
        raise Problem(401, "this API key is unknown or was revoked", headers=_CHALLENGE)
    backend.wrong_keys.was_right(address, key)
    return caller


def _require(caller: Caller, scope: Scope) -> Caller:
    if not caller.may(scope):
        told = f"this key may not {scope.value}; it may {_listed(caller)}"
        raise Problem(403, told, kind=ProblemKind.NOT_ALLOWED)
    return caller


def _listed(caller: Caller) -> str:
    return " and ".join(sorted(scope.value for scope in caller.scopes))


def _require_from_here(request: Request, backend: Backend) -> None:
    """Keeps the pages of strangers, open in a browser of this machine, from using a service without keys.

    A stranger's page can name its own host and have that resolve to this machine ("DNS rebinding"); then
    the Host header names the stranger. Or it can send a plain form; then the browser says so itself.
    """
    if not is_this_machine(backend.settings.host):
        return  # told to serve others without keys
    if not is_this_machine(request.url.hostname or ""):
        raise Problem(
            403,
            "without API keys only this machine is served, under a name of its own such as localhost; to "
            "serve others make a key with: inyong keys add NAME",
        )
    if request.method not in ("GET", "HEAD") and request.headers.get("sec-fetch-site") == "cross-site":
        raise Problem(403, "another site's page may not use this service")


def is_this_machine(host: str) -> bool:
    """Whether the name or address is this machine's alone: no stranger can own a name without a dot."""
    name = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.endswith(".localhost") or bool(name and "." not in name and ":" not in name)
