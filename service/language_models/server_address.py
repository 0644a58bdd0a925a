"""Parse the address of a language model server from the setting `llm`: openai:URL#MODEL."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from service.errors import BadSetting

_PREFIX = "openai:"
_EXAMPLE = "openai:http://127.0.0.1:8000/v1#model-name"


@dataclass(frozen=True, slots=True)
class LlmServer:
    """The address of an OpenAI-compatible server. model: "" for the first that it lists."""

    url: str
    model: str = ""

    @property
    def name(self) -> str:
        """Name of the model, or the server's host and port if the setting names no model."""
        return self.model or urlsplit(self.url).netloc


def is_server(llm: str) -> bool:
    """Return whether the setting names a server rather than a model on this machine."""
    return llm.startswith(_PREFIX)


def parse_server(llm: str) -> LlmServer:
    """Parse `openai:http://host:port/v1#model`; the path defaults to /v1. Raises BadSetting."""
    url, _, model = llm.removeprefix(_PREFIX).strip().partition("#")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadSetting(f"llm names a server whose address cannot be read; write: {_EXAMPLE}") from None
    if parts.username or parts.password:
        raise BadSetting(f"llm has a user or password in its address; put the key in llm_key: {_EXAMPLE}")
    if (
        parts.scheme not in ("http", "https")
        or not re.fullmatch(r"[A-Za-z0-9._:\[\]-]+", parts.netloc)
        or not parts.hostname
        or port == 0
        or parts.query
    ):
        raise BadSetting(f"llm is {llm!r}, which is no address of a server; write: {_EXAMPLE}")
    path = parts.path.rstrip("/") or "/v1"
    return LlmServer(f"{parts.scheme}://{parts.netloc}{path}", model.strip())
