"""`inyong slack`: the bot in Slack's Socket Mode, until it is told to stop."""

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import typer

from service.cli.options import Embedding, Home, Llm, read_settings
from service.cli.output import note
from service.cli.slack_setup import add_commands
from service.errors import BadSetting

if TYPE_CHECKING:
    from service.access import Caller
    from service.settings import Settings
    from service.slack.bot import Bot
    from service.types import Answer

_LATE_S = 10.0  # without a connection, after which the user is told

app = typer.Typer(name="slack", invoke_without_command=True, rich_markup_mode=None)
add_commands(app)


@app.callback()
def run(context: typer.Context, home: Home = None, embedding: Embedding = None, llm: Llm = None) -> None:
    """Answer in Slack until told to stop (Socket Mode; over HTTP `inyong serve` does)."""
    if context.invoked_subcommand:
        return
    from service.slack.workspaces import APP_TOKEN, BOT_TOKEN

    app_token = _required(APP_TOKEN, "xapp-", "App-Level Tokens, with the scope connections:write")
    _required(BOT_TOKEN, "xoxb-", "OAuth & Permissions")
    settings = read_settings(home, embedding, llm).settings
    from service.api.logs import configure_logging

    configure_logging()
    asyncio.run(_answer(settings, app_token))


def _required(variable: str, beginning: str, where: str) -> str:
    """The variable's token. Raises BadSetting."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise BadSetting(
            f"{variable} is not set; copy the token from your app's page at api.slack.com/apps, {where} "
            "(`inyong slack manifest` prints what to make the app from)"
        )
    if not value.startswith(beginning):
        raise BadSetting(f"{variable} does not begin with {beginning}; copy it from {where}")
    return value


class _Records:
    """Answers are logged, and counted by nobody."""

    def __init__(self, *, with_questions: bool) -> None:
        self._with_questions = with_questions

    def note_answer(self, answer: "Answer", caller: "Caller", waited_s: float) -> None:
        """One answer."""
        from service.api.logs import log_answer

        log_answer(answer, caller.name, with_question=self._with_questions)

    def note_no_answer(self, *, abandoned: bool) -> None:
        """One question without an answer, which the worker has logged."""


async def _answer(settings: "Settings", app_token: str) -> None:
    """Answers until told to stop. Raises BadSetting, and what kept the models from being loaded."""
    from service.desk import open_desk
    from service.slack.bot import open_bot

    desk = open_desk(settings, note, _Records(with_questions=settings.log_questions))
    try:
        bot = open_bot(desk)
        bot.reserve()
        try:
            await _run(bot, app_token)
        finally:
            await bot.close()
    finally:
        desk.close()


async def _run(bot: "Bot", app_token: str) -> None:
    """Connects and loads the models at once, then waits for the signal to stop."""
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
            await socket.connect(await socket_address(bot.calls, app_token))
        finally:
            late.cancel()
        note(f"connected to Slack in {', '.join(bot.workspaces.teams())} (Ctrl-C ends it)")

    async def load() -> None:
        await asyncio.to_thread(bot.desk.load)
        note("models loaded; ready")

    stopping = asyncio.create_task(stopped.wait())
    starting: set[asyncio.Task[None]] = {asyncio.create_task(connect()), asyncio.create_task(load())}
    try:
        while starting and not stopping.done():
            done, _ = await asyncio.wait({*starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for one in starting & done:
                one.result()  # raises what went wrong
            starting -= done
        await stopping
    finally:
        for task in (*starting, stopping):
            task.cancel()
        await asyncio.gather(*starting, stopping, return_exceptions=True)
        await socket.close()
