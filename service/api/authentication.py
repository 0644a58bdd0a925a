"""Authentication of callers by API key, their rate limit, and the scopes that routes require."""

import ipaddress
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.api.backend import Backend, TheBackend
from service.api.problems import Problem, ProblemKind
from service.storage.permissions import EVERYONE, Caller, Scope

_BEARER = HTTPBearer(auto_error=False, description="An API key, made with `inyong keys add`.")
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


async def authenticate(
    request: Request,
    backend: TheBackend,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> Caller:
    """Return the caller of this request; while there are no keys, everyone on this machine."""
    key = credentials.credentials if credentials else None
    caller = await backend.check_key(_identify, backend, key)
    if caller is EVERYONE:
        _require_this_machine(request, backend)
    elif wait_s := backend.rates.take(caller.id):
        raise Problem(
            429,
            f"more than {backend.settings.requests_per_minute} requests in a minute with this key; "
            f"try again in {wait_s} seconds",
            kind=ProblemKind.TOO_MANY_REQUESTS,
            headers={"Retry-After": str(wait_s)},
        )
    return caller


AnyCaller = Annotated[Caller, Depends(authenticate)]


async def require_ask(caller: AnyCaller) -> Caller:
    """Return the caller of this request. Raises Problem if it may not ask and read."""
    return _require(caller, Scope.ASK)


async def require_write(caller: AnyCaller) -> Caller:
    """Return the caller of this request. Raises Problem if it may not add and delete documents."""
    return _require(caller, Scope.WRITE)


async def require_all_collections(caller: AnyCaller) -> Caller:
    """Return the caller of this request. Raises Problem if it may not see the whole store."""
    if caller.collections is not None:
        raise Problem(403, "this key sees some collections only, and these figures are of all")
    return caller


Asker = Annotated[Caller, Depends(require_ask)]
Writer = Annotated[Caller, Depends(require_write)]
Overseer = Annotated[Caller, Depends(require_all_collections)]


def _identify(backend: Backend, key: str | None) -> Caller:
    """Return the caller with this key. Blocks. Raises Problem; StoreUnavailable if keys cannot be read."""
    if not backend.keys.required():
        return EVERYONE
    if key is None:
        raise Problem(401, "an API key is needed; send it as Authorization: Bearer KEY", headers=_CHALLENGE)
    caller = backend.keys.verify(key)
    if caller is None:
        raise Problem(401, "this API key is unknown or was revoked", headers=_CHALLENGE)
    return caller


def _require(caller: Caller, scope: Scope) -> Caller:
    if not caller.may(scope):
        allowed = " and ".join(sorted(scope.value for scope in caller.scopes))
        detail = f"this key may not {scope.value}; it may {allowed}"
        raise Problem(403, detail, kind=ProblemKind.NOT_ALLOWED)
    return caller


def _require_this_machine(request: Request, backend: Backend) -> None:
    """Raise Problem for a foreign page that uses a service without keys through a browser on this machine.

    Such a page can have its own host name resolve to this machine ("DNS rebinding"); then the Host header
    names that host. Or it can submit a plain form; then the browser marks the request as cross-site.
    """
    if not is_this_machine(backend.settings.host):
        return  # configured to serve others without keys
    if not is_this_machine(request.url.hostname or ""):
        raise Problem(
            403,
            "without API keys only this machine is served, under a name of its own such as localhost; to "
            "serve others make a key with: inyong keys add NAME",
        )
    if request.method not in ("GET", "HEAD") and request.headers.get("sec-fetch-site") == "cross-site":
        raise Problem(403, "another site's page may not use this service")


def is_this_machine(host: str) -> bool:
    """Return whether only this machine can own the name or address: no one else owns a name without a dot."""
    name = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.endswith(".localhost") or bool(name and "." not in name and ":" not in name)
