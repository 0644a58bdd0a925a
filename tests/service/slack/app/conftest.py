"""The bot over a small store made with the fakes, driven through Slack's own libraries by a local Slack."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.answering.types import Answer
from service.question_queue.dispatcher import Dispatcher, open_dispatcher
from service.slack import app as slack_app
from service.slack import web_api, worker
from service.slack.app import Socket
from service.slack.bot import open_bot
from service.slack.phrases import phrases_in
from service.slack.workspaces import socket_address
from service.storage.permissions import Caller
from tests.service.api.conftest import backend_over, listening
from tests.service.conftest import World
from tests.slack_server import Message, SlackServer, Spoken
from tests.slack_server.workspace import make_workspace

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"
REPLY = "예산은 350억 원이 들었다."
CHANNEL, BORA = "C1GENERAL1", "U1BORA0001"


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    """Slack, in whose environment the bot runs."""
    with SlackServer([make_workspace(1), make_workspace(2)], retry_pauses_s=(0.05, 0.5, 2.0)) as slack:
        for name, value in slack.environment().items():
            monkeypatch.setenv(name, value)
        yield slack


def open_town(world: World, more: str = "") -> None:
    """Lets Slack see the collection of the small store."""
    world.script(REPLY)
    Path("slack.toml").write_text(f'public = ["town"]\n{more}', encoding="utf-8")


class Unrecorded:
    """Counts nothing."""

    def note_answer(self, answer: Answer, caller: Caller) -> None:
        """Nothing."""

    def note_no_answer(self, *, abandoned: bool) -> None:
        """Nothing."""


async def run_bot(
    dispatcher: Dispatcher, app_token: str, is_ready: threading.Event, stop: asyncio.Event
) -> None:
    """Answers over Socket Mode, as `inyong slack` does, until it is stopped."""
    bot = open_bot(dispatcher)
    bot.reserve()
    try:
        await bot.start()
        socket = Socket(bot.app, app_token)
        await socket.connect(await socket_address(bot.api, app_token))
        is_ready.set()
        await stop.wait()
        await socket.close()
    finally:
        await bot.close()


@contextmanager
def running(world: World, slack: SlackServer) -> Iterator[None]:
    """The bot in a thread of its own; what ends it is raised here."""
    dispatcher = open_dispatcher(world.settings, lambda message: None, Unrecorded())
    is_ready, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()
    ends: list[BaseException] = []

    def run() -> None:
        try:
            loop.run_until_complete(run_bot(dispatcher, slack.state.app_token, is_ready, stop))
        except BaseException as error:  # told where the test is
            ends.append(error)
        finally:
            is_ready.set()

    thread = threading.Thread(target=run, name="bot")
    try:
        dispatcher.load()
        thread.start()
        assert is_ready.wait(20)
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        if thread.is_alive():
            thread.join(40)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        dispatcher.close()
    assert not ends, ends


@pytest.fixture
def bot(world: World, slack: SlackServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The bot of the first workspace, over Socket Mode."""
    open_town(world)
    monkeypatch.setattr(worker, "_PAUSE_S", 0.5)
    monkeypatch.setattr(web_api, "_MIN_BACKOFF_S", 0.02)
    monkeypatch.setattr(slack_app, "_PING_EVERY_S", 0.3)  # how soon a broken connection is seen
    with running(world, slack):
        yield


@pytest.fixture
def two(world: World, slack: SlackServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The bot of both workspaces."""
    second = slack.state.workspaces[1]
    open_town(world, f'[[workspace]]\nteam = "{second.team}"\ntoken_variable = "SECOND_TOKEN"\n')
    monkeypatch.setenv("SECOND_TOKEN", second.bot_token)
    with running(world, slack):
        yield


@pytest.fixture
def http_bot(world: World, slack: SlackServer) -> Iterator[None]:
    """The bot behind `inyong serve`."""
    open_town(world, "[limits]\nuser_per_hour = 0\nuser_per_day = 0\n")
    with backend_over(world) as backend, listening(backend) as address:
        slack.send_to(f"{address}/slack/events")
        slack.wait_for(lambda: slack.calls("auth.test"))
        yield


def is_answer(message: Message) -> bool:
    """Whether a message is the end of an answer, not a status or an apology."""
    return any(block["type"] == "actions" for block in message.blocks)


def answers(slack: SlackServer, spoken: Spoken) -> list[Message]:
    """The answers in the thread of a question."""
    return [
        message
        for message in slack.messages(spoken.message.channel, thread=spoken.thread)
        if is_answer(message)
    ]


def settle(slack: SlackServer, spoken: Spoken) -> Spoken:
    """The question, when the bot is done with it."""

    def is_done() -> bool:
        said = spoken.message
        newer = [m for m in slack.messages(said.channel, thread=spoken.thread) if m.ts > said.ts]
        statuses = (phrases_in("ko").searching, "앞에 질문")
        is_over = bool(said.reacted) or any(not m.text.startswith(statuses) for m in newer)
        return bool(newer) and is_over and not said.reactions

    slack.wait_for(is_done, what="the end of a question")
    return spoken


def ask(slack: SlackServer) -> Spoken:
    """A question that was asked by a mention, and answered."""
    spoken = slack.say(f"{slack.mention} {QUESTION}").wait()
    slack.wait_for(lambda: answers(slack, spoken), what="an answer")
    return settle(slack, spoken)
