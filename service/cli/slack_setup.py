"""`inyong slack manifest|check`: setting the bot up."""

from typing import Annotated, Literal

import typer

from service.cli import slack_rules
from service.cli.options import Home, read_settings
from service.cli.output import say, say_json
from service.cli.slack_rules import collections_in


def add_commands(app: typer.Typer) -> None:
    """Puts these commands below `inyong slack`."""
    app.command("manifest")(manifest)
    app.command("check")(check)
    app.add_typer(slack_rules.channel_app)
    app.add_typer(slack_rules.collection_app)


def manifest(
    name: Annotated[str, typer.Option(help="What the app is called in Slack.")] = "Inyong",
    language: Annotated[Literal["ko", "en"], typer.Option(help="Language of its menus.")] = "ko",
    address: Annotated[
        str | None,
        typer.Option(
            "--http", metavar="URL", help="Where Slack reaches `inyong serve`; left out: Socket Mode."
        ),
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Print an address that makes the app instead.")
    ] = False,
) -> None:
    """Print the app's manifest, to be pasted at api.slack.com/apps, "From a manifest"."""
    from service.slack.manifest import build_manifest, creation_link

    if not name.strip() or len(name) > 35:
        raise typer.BadParameter("use 1 to 35 characters", param_hint="--name")
    if address is not None and not address.startswith("https://"):
        raise typer.BadParameter("Slack reaches https:// addresses only", param_hint="--http")
    made = build_manifest(name, language, address and address.rstrip("/"))
    if link:
        say(creation_link(made))
    else:
        say_json(made)


def check(home: Home = None) -> None:
    """Check tokens, scopes, connection and rules; exits 1 when something is missing."""
    import os

    from service.slack.calling import SLACK_API
    from service.slack.channels import RuleStore
    from service.slack.check import Setup, check_slack
    from service.slack.slack_file import read_slack_file

    settings = read_settings(home).settings
    file = read_slack_file()
    store = RuleStore(settings.home, file)
    rules = store.read()
    store.close()
    api_url = os.environ.get("INYONG_SLACK_API_URL", "").strip() or SLACK_API
    setup = Setup(os.environ, file, rules, collections_in(home), settings.base_url, api_url)
    bad = 0
    for found in check_slack(setup):
        say(f"{'ok  ' if found.ok else 'BAD '} {found.name}: {found.finding}")
        if not found.ok:
            bad += 1
            say(f"     do: {found.advice}")
    if bad:
        raise typer.Exit(1)
