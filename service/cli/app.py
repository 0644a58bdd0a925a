"""The list of commands. Each is registered here and lives in the module of its subject."""

from typing import Annotated

import typer

from service.cli import access, asking, checking, feedback, indexing, modelling, serving, slack

app = typer.Typer(
    name="inyong",
    help="Answers from your own documents, in Korean or English; every citation is an exact quotation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"inyong {version('inyong')}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Answers from your own documents, in Korean or English; every citation is an exact quotation."""


def add_installed_commands(app: typer.Typer) -> None:
    """Adds the commands that installed packages offer: entry points of the group `inyong.commands`.

    So `inyong eval` is a command although nothing here may import the evaluation.
    """
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group="inyong.commands"), key=lambda entry: entry.name):
        app.add_typer(entry.load(), name=entry.name)


app.command("ask")(asking.ask)
app.command("search")(asking.search)
app.command("serve")(serving.serve)
app.command("index")(indexing.index)
app.command("reembed")(indexing.reembed)
app.command("status")(indexing.status)
app.command("list")(indexing.list_documents)
app.command("show")(indexing.show)
app.command("remove")(indexing.remove)
app.command("config")(checking.config)
app.command("doctor")(checking.doctor)
app.add_typer(modelling.app, name="models")
app.add_typer(slack.app, name="slack")
app.add_typer(access.app, name="keys")
app.add_typer(feedback.app, name="feedback")
