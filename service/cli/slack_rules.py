"""`inyong slack channel|collection`: who may see what in Slack, and how answers are posted."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.cli.options import AsJson, Home, read_settings, split_names
from service.cli.output import note, say, say_json, say_table

if TYPE_CHECKING:
    from service.slack.rules import Rules

Switch = Literal["on", "off"]

channel_app = typer.Typer(
    name="channel",
    help="What may be seen in a channel, or by a person, and how answers are given there.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
collection_app = typer.Typer(
    name="collection",
    help="Which collections everybody of the workspace may see.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@channel_app.command("set")
def set_channel(
    ident: Annotated[str, typer.Argument(metavar="ID", help="Slack's id: C… of a channel, U… of a person.")],
    collections: Annotated[
        str | None, typer.Option(help="Collections that may be seen there, separated by commas; '' for none.")
    ] = None,
    followups: Annotated[
        Switch | None, typer.Option(help="Whether replies in a thread need no mention.")
    ] = None,
    ephemeral: Annotated[Switch | None, typer.Option(help="Whether only the asker sees an answer.")] = None,
    language: Annotated[
        Literal["ko", "en", "auto"] | None, typer.Option(help="Language of answers; auto: the question's.")
    ] = None,
    home: Home = None,
) -> None:
    """Set the given options and leave the others unchanged; applies from the next question on."""
    from service.slack.rules import PlaceRule, RuleStore

    _require_id(ident)
    if ident[0] in "UW" and (followups or ephemeral):
        raise typer.BadParameter("of a person only --collections and --language can be set", param_hint="ID")
    if (collections, followups, ephemeral, language) == (None, None, None, None):
        raise typer.BadParameter("say what to set, such as --collections handbook", param_hint="ID")
    names = None if collections is None else frozenset(split_names(collections))
    with closing(RuleStore(read_settings(home).settings.home)) as store:
        store.set_place(ident, PlaceRule(names, _is_on(followups), _is_on(ephemeral), language))
    if names:
        _note_unknown(home, names)
    say(f"{ident} is set; see: inyong slack channel list")


@channel_app.command("list")
def list_channels(home: Home = None, as_json: AsJson = False) -> None:
    """List the channels and people with a rule, from slack.toml and from commands."""
    rows = [
        {
            "id": ident,
            "collections": None if rule.collections is None else sorted(rule.collections),
            "followups": rule.followups,
            "ephemeral": rule.ephemeral,
            "language": rule.language,
        }
        for ident, rule in sorted(_rules(home).places.items())
    ]
    if as_json:
        say_json({"places": rows})
        return
    say_table(list(rows[0]) if rows else ["no rule yet"], [list(row.values()) for row in rows])


@channel_app.command("forget")
def forget_channel(
    ident: Annotated[str, typer.Argument(metavar="ID", help="Slack's id of the channel or person.")],
    home: Home = None,
) -> None:
    """Remove what commands have set for a channel or person; slack.toml applies again."""
    from service.errors import AnsweringError
    from service.slack.rules import RuleStore

    with closing(RuleStore(read_settings(home).settings.home)) as store:
        forgotten = store.forget_place(ident)
    if not forgotten:
        raise AnsweringError(f"{ident}: nothing was set by a command; see: inyong slack channel list")
    say(f"{ident} is forgotten")


@collection_app.command("public")
def set_public(
    name: Annotated[str, typer.Argument(help="The collection.")],
    switch: Annotated[Switch, typer.Argument(metavar="on|off")],
    home: Home = None,
) -> None:
    """Open a collection to everybody in the workspace, or close it."""
    from service.slack.rules import RuleStore

    if not name.strip():
        raise typer.BadParameter("names no collection", param_hint="NAME")
    with closing(RuleStore(read_settings(home).settings.home)) as store:
        store.set_public(name, public=switch == "on")
    if switch == "on":
        _note_unknown(home, frozenset({name}))
    seen = "may be seen by everybody of the workspace" if switch == "on" else "is not public any more"
    say(f"{name} {seen}")


@collection_app.command("list")
def list_public(home: Home = None, as_json: AsJson = False) -> None:
    """List the collections that everybody in the workspace may see."""
    names = sorted(_rules(home).public)
    if as_json:
        say_json({"public": names})
    else:
        say_table(["public"] if names else ["no collection is public"], [[name] for name in names])


def _rules(home: Home) -> "Rules":
    from service.slack.rules import RuleStore, read_slack_file

    with closing(RuleStore(read_settings(home).settings.home, read_slack_file())) as store:
        return store.read()


def _require_id(ident: str) -> None:
    from service.slack.rules import PLACE_ID

    if not PLACE_ID.fullmatch(ident):
        raise typer.BadParameter(
            f"{ident!r} is not Slack's id; it stands at the end of a channel's details, or in a person's "
            "profile under “Copy member ID”",
            param_hint="ID",
        )


def _note_unknown(home: Home, names: frozenset[str]) -> None:
    """Warn about collections without documents, often a typo."""
    if unknown := sorted(names - collections_in(home)):
        note(f"no document is in {', '.join(unknown)} yet; see: inyong list")


def collections_in(home: Home) -> frozenset[str]:
    """Return the names of collections that hold documents; none while there is no store."""
    from index.store.listing import count_by_collection
    from service.inyong import Inyong
    from service.wiring import store_path

    settings = read_settings(home).settings
    if not store_path(settings).exists():
        return frozenset()
    with Inyong(settings=settings) as inyong:
        return frozenset(count_by_collection(inyong.catalog(), None))


def _is_on(switch: Switch | None) -> bool | None:
    return None if switch is None else switch == "on"
