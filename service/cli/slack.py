"""`inyong slack`: set up the bot, and run it in Slack's Socket Mode until it is stopped."""

import asyncio
import os
import signal
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.cli import slack_rules
from service.cli.options import Embedding, Home, Llm, Phrasing, read_settings
from service.cli.output import note, say, say_checks, say_json
from service.errors import BadSetting

if TYPE_CHECKING:
    from service.settings import Settings
    from service.slack.bot import Bot

_LATE_S = 10.0  # without a connection before the user is notified

app = typer.Typer(name="slack", invoke_without_command=True, rich_markup_mode=None)
app.add_typer(slack_rules.channel_app)
app.add_typer(slack_rules.collection_app)


@app.callback()
def run(
    context: typer.Context,
    home: Home = None,
    embedding: Embedding = None,
    llm: Llm = None,
    phrasing: Phrasing = None,
) -> None:
    """Answer in Slack until stopped (Socket Mode; for HTTP use `inyong serve`)."""
    if context.invoked_subcommand:
        return
    from service.slack.workspaces import APP_TOKEN, BOT_TOKEN

    app_token = _required(APP_TOKEN, "xapp-", "App-Level Tokens, with the scope connections:write")
    _required(BOT_TOKEN, "xoxb-", "OAuth & Permissions")
    settings = read_settings(home, embedding, llm, phrasing).settings
    from service.api.logs import configure_logging

    configure_logging()
    asyncio.run(_answer(settings, app_token))


def _required(variable: str, beginning: str, where: str) -> str:
    """Return the variable's token. Raises BadSetting."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise BadSetting(
            f"{variable} is not set; copy the token from your app's page at api.slack.com/apps, {where} "
            "(`inyong slack manifest` prints what to make the app from)"
        )
    if not value.startswith(beginning):
        raise BadSetting(f"{variable} does not begin with {beginning}; copy it from {where}")
    return value


@app.command()
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
    """Print the app's manifest, to paste at api.slack.com/apps under "From a manifest"."""
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


@app.command()
def check(home: Home = None) -> None:
    """Check tokens, scopes, connection and rules; exits 1 if something is missing."""
    from service.slack.check import Setup, check_slack
    from service.slack.rules import RuleStore, read_slack_file
    from service.slack.web_api import SLACK_API

    settings = read_settings(home).settings
    file = read_slack_file()
    with closing(RuleStore(settings.home, file)) as store:
        rules = store.read()
    api_url = os.environ.get("INYONG_SLACK_API_URL", "").strip() or SLACK_API
    collections = slack_rules.collections_in(home)
    say_checks(check_slack(Setup(os.environ, file, rules, collections, settings.base_url, api_url)))


async def _answer(settings: "Settings", app_token: str) -> None:
    """Answer until stopped. Raises BadSetting, or the error of loading the models."""
    from service.api.logs import AnswerLog
    from service.question_queue.dispatcher import open_dispatcher
    from service.slack.bot import open_bot

    dispatcher = open_dispatcher(settings, note, AnswerLog(settings.log_questions))
    try:
        bot = open_bot(dispatcher)
        bot.reserve()
        try:
            await _run(bot, app_token)
        finally:
            await bot.close()
    finally:
        dispatcher.close()


async def _run(bot: "Bot", app_token: str) -> None:
    """Connect while loading the models, then wait for the signal to stop."""
    from service.slack.app import Socket
    from service.slack.workspaces import socket_address

    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    socket = Socket(bot.app, app_token)

    async def connect() -> None:
        late = asyncio.get_running_loop().call_later(
            _LATE_S, note, "Slack cannot be reached yet; trying on (Ctrl-C ends it)"
        )
        try:
            await bot.start()
            await socket.connect(await socket_address(bot.api, app_token))
        finally:
            late.cancel()
        note(f"connected to Slack in {', '.join(bot.workspaces.teams())} (Ctrl-C ends it)")

    async def load() -> None:
        await asyncio.to_thread(bot.dispatcher.load)
        note("models loaded; ready")

    stopping = asyncio.create_task(stopped.wait())
    starting: set[asyncio.Task[None]] = {asyncio.create_task(connect()), asyncio.create_task(load())}
    try:
        while starting and not stopping.done():
            done, _ = await asyncio.wait({*starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for one in starting & done:
                one.result()  # raises the error of a failed one
            starting -= done
        await stopping
    finally:
        for task in (*starting, stopping):
            task.cancel()
        await asyncio.gather(*starting, stopping, return_exceptions=True)
        await socket.close()
