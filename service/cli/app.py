"""The list of commands, each registered here and defined in the module of its subject."""

from typing import Annotated

import typer

from service.cli import answers, documents, feedback, installation, keys, models, server, slack

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
    """Define the options of `inyong` itself."""


def add_installed_commands(app: typer.Typer) -> None:
    """Add the commands of installed packages: entry points of the group `inyong.commands`.

    So `inyong eval` is a command although nothing here may import `eval`.
    """
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group="inyong.commands"), key=lambda entry: entry.name):
        app.add_typer(entry.load(), name=entry.name)


app.command("ask")(answers.ask)
app.command("search")(answers.search)
app.command("serve")(server.serve)
app.command("index")(documents.index)
app.command("reembed")(documents.reembed)
app.command("status")(documents.status)
app.command("list")(documents.list_documents)
app.command("show")(documents.show)
app.command("remove")(documents.remove)
app.command("config")(installation.config)
app.command("doctor")(installation.doctor)
app.add_typer(models.app, name="models")
app.add_typer(slack.app, name="slack")
app.add_typer(keys.app, name="keys")
app.add_typer(feedback.app, name="feedback")
