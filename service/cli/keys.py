"""`inyong keys`: API keys of the service."""

from contextlib import closing
from typing import Annotated

import typer

from service.cli.options import AsJson, Home, read_settings, split_names
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
    """Create a key and print it once; only its hash is stored."""
    from service.storage.keys import Keys
    from service.storage.permissions import Scope

    names = [scope.value for scope in Scope]
    wanted = split_names(scopes)
    unknown = [scope for scope in wanted if scope not in names]
    if unknown or not wanted:
        raise typer.BadParameter(
            f"{', '.join(unknown) or 'nothing'} is no scope; choose from {', '.join(names)}",
            param_hint="--scopes",
        )
    visible = None if collections is None else split_names(collections)
    if visible == []:
        raise typer.BadParameter("names no collection; leave it out to allow all", param_hint="--collections")
    with closing(Keys(read_settings(home).settings.home)) as keys:
        say(keys.add(name, visible, map(Scope, wanted)))
    seen = "every collection" if visible is None else ", ".join(visible)
    note(f"{name} may {' and '.join(wanted)} in {seen}; the key is not shown again, keep it safe")


@app.command("list")
def list_keys(home: Home = None, as_json: AsJson = False) -> None:
    """List the keys: what each may do and when it was last used."""
    from service.storage.keys import Keys

    with closing(Keys(read_settings(home).settings.home)) as keys:
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
    if as_json:
        say_json({"keys": rows})
    else:
        say_table(list(rows[0]) if rows else ["no key yet"], [list(row.values()) for row in rows])


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Name or id of the key.")], home: Home = None) -> None:
    """Revoke a key, from the next request on, even while the server runs."""
    from service.storage.keys import KEYS_FILE, Keys

    folder = read_settings(home).settings.home
    with closing(Keys(folder)) as keys:
        revoked = keys.revoke(name)
        is_last = all(key.revoked_at for key in keys.known())
    say(f"revoked {revoked.name} ({revoked.id})")
    if is_last:
        note(
            "no key is left, so the service refuses every request; make one with inyong keys add, or to "
            f"serve this machine without keys stop the service and remove {folder / KEYS_FILE}"
        )
