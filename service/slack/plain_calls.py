"""Single calls of Slack's Web API for the command line: no event loop, no second try, scopes told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

_WHY = {
    "invalid_auth": "Slack does not know this token",
    "token_revoked": "this token was revoked",
    "token_expired": "this token has expired",
    "account_inactive": "the app was taken out of the workspace",
    "missing_scope": "the token may not do this",
    "not_allowed_token_type": "this is another kind of token",
    "ratelimited": "Slack wants to be asked later",
}


class Refused(Exception):
    """Slack's answer was no. code: its reason, such as "invalid_auth"."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{_WHY[code]} ({code})" if code in _WHY else code)
        self.code = code


class Unreachable(Refused):
    """No answer came. host: whose."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host} cannot be reached ({reason})")
        self.host = host


@dataclass(frozen=True, slots=True)
class PlainCalls:
    """Slack, asked one thing at a time. api_url: base of its methods."""

    client: "httpx.Client"
    api_url: str

    def call(self, method: str, token: str, **body: str) -> tuple[Mapping[str, Any], frozenset[str] | None]:
        """The response, and the token's scopes where Slack names them. Raises Refused, Unreachable."""
        import httpx

        address = f"{self.api_url.rstrip('/')}/{method}"
        try:
            response = self.client.post(address, data=body, headers={"Authorization": f"Bearer {token}"})
            answered = response.json()
        except httpx.HTTPError as error:
            raise Unreachable(urlsplit(address).netloc, type(error).__name__) from None
        except ValueError:
            raise Refused(f"no answer of Slack's came, but status {response.status_code}") from None
        if not isinstance(answered, dict) or not answered.get("ok"):
            code = answered.get("error") if isinstance(answered, dict) else None
            raise Refused(str(code or f"status {response.status_code}"))
        named = response.headers.get("x-oauth-scopes")
        return answered, None if named is None else frozenset(re.findall(r"[\w.:]+", named))
