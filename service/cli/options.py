"""Options that several commands share, and the settings that result from them."""

from pathlib import Path
from typing import Annotated, Literal

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
Phrasing = Annotated[
    Literal["on", "off"] | None,
    typer.Option("--phrasing", help="off: the quotes are the answer, and no language model is loaded."),
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
    home: Path | None = None,
    embedding: str | None = None,
    llm: str | None = None,
    phrasing: str | None = None,
) -> LoadedSettings:
    """Return the settings from every source, these flags first. Raises BadSetting."""
    return load_settings({"home": home, "embedding": embedding, "llm": llm, "phrasing": phrasing})


def parse_filters(filters: list[str] | None) -> dict[str, str]:
    """Return `key=value` pairs as a mapping. Raises BadParameter for anything else."""
    pairs: dict[str, str] = {}
    for item in filters or []:
        key, equals, value = item.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise typer.BadParameter(f"{item!r} is not KEY=VALUE, such as date=2026 or department=기획팀")
        pairs[key.strip()] = value.strip()
    return pairs


def split_names(names: str) -> list[str]:
    """Return the names in a comma-separated list."""
    return [name for piece in names.split(",") if (name := piece.strip())]
