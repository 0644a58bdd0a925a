"""Options that several commands share, and the settings they add up to."""

from pathlib import Path
from typing import Annotated

import typer

from service.settings import LoadedSettings, load_settings

Home = Annotated[
    Path | None, typer.Option("--home", help="Folder of the store (INYONG_HOME; default ./.inyong).")
]
Embedding = Annotated[
    str | None, typer.Option("--embedding", help="Embedding model: catalogue name, folder or hub name.")
]
Llm = Annotated[
    str | None, typer.Option("--llm", help="Language model: catalogue name, GGUF file, hub name or server.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Collections = Annotated[
    list[str] | None, typer.Option("--collection", help="Only this collection; may be repeated.")
]
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--filter", metavar="KEY=VALUE", help="Only documents with this source, date or metadata; repeatable."
    ),
]


def read_settings(
    home: Path | None = None, embedding: str | None = None, llm: str | None = None
) -> LoadedSettings:
    """Settings from every source, the given flags first. Raises BadSetting."""
    return load_settings({"home": home, "embedding": embedding, "llm": llm})


def parse_filters(filters: list[str] | None) -> dict[str, str]:
    """`key=value` pairs as a mapping; ends with a usage error when one is not such a pair."""
    pairs: dict[str, str] = {}
    for item in filters or []:
        key, equals, value = item.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise typer.BadParameter(f"{item!r} is not KEY=VALUE, such as date=2026 or department=기획팀")
        pairs[key.strip()] = value.strip()
    return pairs
