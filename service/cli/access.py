"""`inyong keys`: who may use the service."""

from typing import Annotated

import typer

from service.cli.options import AsJson, Home, read_settings
from service.cli.output import note, say, say_json, say_table

app = typer.Typer(name="keys", help="API keys of the service.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whom or what the key is for.")],
    collections: Annotated[
        str | None,
        typer.Option(help="Collections it may see, separated by commas; left out: all, also later ones."),
    ] = None,
    scopes: Annotated[str, typer.Option(help="What it may do: ask, write, or ask,write.")] = "ask",
    home: Home = None,
) -> None:
    """Make a key and print it, this once; only its hash is kept."""
    from service.access import Scope
    from service.keys import Keys

    names = [scope.value for scope in Scope]
    wanted = _split(scopes)
    unknown = [scope for scope in wanted if scope not in names]
    if unknown or not wanted:
        raise typer.BadParameter(
            f"{', '.join(unknown) or 'nothing'} is no scope; choose from {', '.join(names)}",
            param_hint="--scopes",
        )
    if collections is not None and not _split(collections):
        raise typer.BadParameter("names no collection; leave it out to allow all", param_hint="--collections")
    keys = Keys(read_settings(home).settings.home)
    key = keys.add(name, None if collections is None else _split(collections), map(Scope, wanted))
    keys.close()
    say(key)
    seen = "every collection" if collections is None else ", ".join(_split(collections))
    note(f"{name} may {' and '.join(wanted)} in {seen}; the key is not shown again, keep it safe")


@app.command("list")
def list_keys(home: Home = None, as_json: AsJson = False) -> None:
    """List the keys: what each may do and when it was last used."""
    from service.keys import Keys

    keys = Keys(read_settings(home).settings.home)
    rows = [
        {
            "id": key.id,
            "name": key.name,
            "collections": None if key.collections is None else sorted(key.collections),
            "scopes": sorted(scope.value for scope in key.scopes),
            "created_at": key.created_at,
            "last_used_at": key.last_used_at,
            "revoked_at": key.revoked_at,
        }
        for key in keys.known()
    ]
    keys.close()
    if as_json:
        say_json({"keys": rows})
        return
    say_table(
        list(rows[0]) if rows else ["no key yet"], [[_cell(value) for value in row.values()] for row in rows]
    )


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Name or id of the key.")], home: Home = None) -> None:
    """End a key, from the next request on, also while the server runs."""
    from service.keys import KEYS_FILE, Keys

    folder = read_settings(home).settings.home
    keys = Keys(folder)
    revoked = keys.revoke(name)
    is_last = all(key.revoked_at for key in keys.known())
    keys.close()
    say(f"revoked {revoked.name} ({revoked.id})")
    if is_last:
        note(
            "no key is left, so the service refuses every request; make one with inyong keys add, or to "
            f"serve this machine without keys stop the service and remove {folder / KEYS_FILE}"
        )


def _split(text: str) -> list[str]:
    return [part for piece in text.split(",") if (part := piece.strip())]


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
