"""A process that is killed between any two of its deeds, and what its successor makes of that."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from service.answering.types import Answer
from service.question_queue.dispatcher import Dispatcher, open_dispatcher
from service.slack.bot import Bot
from service.slack.delivery import UpdateRate
from service.slack.ledger import LEDGER_FILE, Ledger
from service.slack.rules import SlackFile
from service.slack.web_api import SlackApi
from service.storage.permissions import Caller
from tests.service.conftest import World
from tests.slack_server import Message, SlackServer
from tests.slack_server.payloads import event_callback, mention_event, slash_command

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"
REPLY = "예산은 350억 원이 들었다."
MOST_DEEDS = 120
Ask = Callable[[Bot], Awaitable[None]]
DEEDS = ("accept", "recover", "claim", "requeue", "note_reaction", "note_post", "store_reply", "finish")


class Killed(BaseException):
    """The process is gone; nobody catches this."""


class Killer:
    """Kills before or after the n-th deed: a change of the ledger, or a call of Slack."""

    def __init__(self) -> None:
        self.left = 0
        self.is_before = False
        self.is_dead = False

    def arm(self, n: int, *, is_before: bool) -> None:
        self.left, self.is_before, self.is_dead = n, is_before, False

    def disarm(self) -> None:
        self.left, self.is_dead = 0, False

    def wrap_change(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def perhaps(*arguments: Any, **named: Any) -> Any:
            is_last = self._begin()
            result = change(*arguments, **named)
            self._end(is_last=is_last)
            return result

        return perhaps

    def wrap_call(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def perhaps(*arguments: Any, **named: Any) -> Any:
            is_last = self._begin()
            result = await call(*arguments, **named)
            self._end(is_last=is_last)
            return result

        return perhaps

    def _begin(self) -> bool:
        """Kill before the deed, or say whether it is the last one."""
        if self.is_dead:
            raise Killed
        is_last = self.left == 1
        self.left -= 1
        if is_last and self.is_before:
            self.is_dead = True
            raise Killed
        return is_last

    def _end(self, *, is_last: bool) -> None:
        self.is_dead |= is_last
        if self.is_dead:
            raise Killed


class Unrecorded:
    """Counts nothing."""

    def note_answer(self, answer: Answer, caller: Caller) -> None: ...

    def note_no_answer(self, *, abandoned: bool) -> None: ...


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    killer = Killer()
    for name in DEEDS:
        monkeypatch.setattr(Ledger, name, killer.wrap_change(getattr(Ledger, name)))
    monkeypatch.setattr(SlackApi, "_retry", killer.wrap_call(SlackApi._retry))
    monkeypatch.setattr(UpdateRate, "take", lambda rate, team: True)
    return killer


@pytest.fixture
def dispatcher(world: World) -> Iterator[Dispatcher]:
    world.script(REPLY)
    dispatcher = open_dispatcher(world.settings, lambda message: None, Unrecorded())
    dispatcher.load()
    yield dispatcher
    dispatcher.close()


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as slack:
        yield slack


async def live(dispatcher: Dispatcher, slack: SlackServer, killer: Killer, tell: Ask) -> None:
    """One life of the bot: told of something, until nothing is left to do or it is killed."""
    bot = Bot(dispatcher, SlackFile(public=frozenset({"town"})), slack.environment())
    # Whoever is killed while nobody waits for it says so when it is forgotten.
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    try:
        await bot.workspaces.connect(bot.api)
        bot.worker.start()
        await tell(bot)
        while not killer.is_dead and has_unfinished(dispatcher.settings.home):
            await asyncio.sleep(0.005)
    except Killed:
        pass
    finally:
        for task in [*bot.worker._in_progress, *([bot.worker._loop] if bot.worker._loop else [])]:
            task.cancel()
            with suppress(asyncio.CancelledError, Killed):
                await task
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await bot.api.close()
        await asyncio.to_thread(bot.ledger.close)
        bot._rules.close()


def killed_everywhere(
    dispatcher: Dispatcher, slack: SlackServer, killer: Killer, *, is_before: bool, ask: Callable[[], Ask]
) -> Iterator[int]:
    """Numbers of deeds: a question each, for which the process was killed there and followed by another."""
    for n in range(1, MOST_DEEDS):
        tell = ask()
        killer.arm(n, is_before=is_before)
        asyncio.run(live(dispatcher, slack, killer, tell))
        was_killed = killer.is_dead
        killer.disarm()
        asyncio.run(live(dispatcher, slack, killer, tell))  # what was not acknowledged, Slack tells again
        yield n
        if not was_killed:
            return
    raise AssertionError("the end was not reached")


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
def test_a_mention_has_one_visible_answer_whenever_the_process_is_killed(
    dispatcher: Dispatcher,
    slack: SlackServer,
    killer: Killer,
    is_before: bool,
) -> None:
    workspace, asked = slack.workspace, list[Message]()
    channel = next(iter(workspace.channels.values()))

    def ask() -> Ask:
        asked.append(workspace.add_message(channel, "U1ANNA0001", f"{slack.mention} {QUESTION}", []))
        body = event_callback(workspace, mention_event(workspace, channel, asked[-1]))
        return lambda bot: bot.intake.take_event(body)

    for n in killed_everywhere(dispatcher, slack, killer, is_before=is_before, ask=ask):
        replies = slack.messages(thread=asked[-1].ts)
        assert [("350억 원" in reply.text, is_answer(reply)) for reply in replies] == [(True, True)], n
        assert asked[-1].reactions == [], n


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
def test_a_command_has_a_visible_answer_whenever_the_process_is_killed(
    dispatcher: Dispatcher, slack: SlackServer, killer: Killer, is_before: bool
) -> None:
    workspace, n_before = slack.workspace, 0
    channel = next(iter(workspace.channels.values()))

    def ask() -> Ask:
        url = slack.state.new_response_url(workspace, channel.id, "U1ANNA0001", "commands")
        trigger = slack.state.new_trigger(workspace, "U1ANNA0001")
        body = slash_command(workspace, channel, "U1ANNA0001", "/inyong", QUESTION, url, trigger)
        return lambda bot: bot.intake.take_command(body)

    for n in killed_everywhere(dispatcher, slack, killer, is_before=is_before, ask=ask):
        n_answers = sum(map(is_answer, slack.messages()))
        # What only the asker sees cannot be looked up: killed just then, it is said again.
        assert n_answers - n_before in (1, 2), n
        n_before = n_answers


def has_unfinished(home: Path) -> bool:
    """Whether a question has no end yet."""
    with closing(sqlite3.connect(home / LEDGER_FILE)) as connection:
        return bool(connection.execute("SELECT 1 FROM tasks WHERE state IN ('queued', 'running')").fetchall())


def is_answer(message: Message) -> bool:
    """Whether a message is the end of an answer, not a status."""
    return any(block["type"] == "actions" for block in message.blocks)
