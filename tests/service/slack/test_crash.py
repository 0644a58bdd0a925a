"""A process that is killed between any two of its deeds, and what its successor makes of that."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from eval.slack_server import Message, SlackServer
from eval.slack_server.payloads import event_callback, mention_event, slash_command
from service.access import Caller
from service.desk import Desk, open_desk
from service.slack import elements, ledger_rows, replying
from service.slack.batching import Batching
from service.slack.blocks import render_reply
from service.slack.bot import Bot
from service.slack.calling import Calls
from service.slack.pacing import Pace
from service.slack.slack_file import SlackFile
from service.types import Answer
from tests.service.conftest import World

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"
REPLY = "예산은 350억 원이 들었다."
MOST_DEEDS = 120
Ask = Callable[[Bot], Awaitable[None]]
_look: Callable[..., Awaitable[Any]] = Batching.do  # looking on is no deed


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

    def wrap(self, deed: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def perhaps(*arguments: Any, **named: Any) -> Any:
            if self.is_dead:
                raise Killed
            is_last = self.left == 1
            self.left -= 1
            if is_last and self.is_before:
                self.is_dead = True
                raise Killed
            result = await deed(*arguments, **named)
            if is_last:
                self.is_dead = True
            if self.is_dead:
                raise Killed
            return result

        return perhaps


class Unrecorded:
    """Counts nothing."""

    def note_answer(self, answer: Answer, caller: Caller, waited_s: float) -> None: ...

    def note_no_answer(self, *, abandoned: bool) -> None: ...


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    killer = Killer()
    monkeypatch.setattr(Batching, "do", killer.wrap(Batching.do))
    monkeypatch.setattr(Calls, "_persist", killer.wrap(Calls._persist))

    async def at_once(pace: Pace, team: str) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Pace, "turn", at_once)
    return killer


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    world.script(REPLY)
    desk = open_desk(world.settings, lambda message: None, Unrecorded())
    desk.load()
    yield desk
    desk.close()


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as slack:
        yield slack


async def live(desk: Desk, slack: SlackServer, killer: Killer, tell: Ask) -> None:
    """One life of the bot: told of something, until nothing is left to do or it is killed."""
    bot = Bot(desk, SlackFile(public=frozenset({"town"})), slack.environment())
    working = None
    # Whoever is killed while nobody waits for it says so when it is forgotten.
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    try:
        await bot.workspaces.connect(bot.calls)
        working = asyncio.create_task(bot.worker.run())
        await tell(bot)
        while not killer.is_dead and await _look(bot.ledger._batching, ledger_rows.unfinished):
            await asyncio.sleep(0.005)
    except Killed:
        pass
    finally:
        for task in [*bot.worker._in_hand, *([working] if working else [])]:
            task.cancel()
            with suppress(asyncio.CancelledError, Killed):
                await task
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await bot.calls.close()
        await asyncio.to_thread(bot.ledger.close)
        bot._rules.close()


def killed_everywhere(
    desk: Desk, slack: SlackServer, killer: Killer, *, is_before: bool, ask: Callable[[], Ask]
) -> Iterator[int]:
    """Numbers of deeds: a question each, for which the process was killed there and followed by another."""
    for n in range(1, MOST_DEEDS):
        tell = ask()
        killer.arm(n, is_before=is_before)
        asyncio.run(live(desk, slack, killer, tell))
        was_killed = killer.is_dead
        killer.disarm()
        asyncio.run(live(desk, slack, killer, tell))  # what was not acknowledged, Slack tells again
        yield n
        if not was_killed:
            return
    raise AssertionError("the end was not reached")


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
def test_a_mention_has_one_visible_answer_whenever_the_process_is_killed(
    desk: Desk, slack: SlackServer, killer: Killer, monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    workspace, asked = slack.workspace, list[Message]()
    monkeypatch.setattr(replying, "render_reply", in_two_parts)
    channel = next(iter(workspace.channels.values()))

    def ask() -> Ask:
        asked.append(workspace.add_message(channel, "U1ANNA0001", f"{slack.mention} {QUESTION}", []))
        body = event_callback(workspace, mention_event(workspace, channel, asked[-1]))
        return lambda bot: bot.door.take_event(body)

    for n in killed_everywhere(desk, slack, killer, is_before=is_before, ask=ask):
        replies = slack.messages(thread=asked[-1].ts)
        assert [("350억 원" in reply.text, is_answer(reply)) for reply in replies[:1]] == [(True, True)], n
        assert [reply.text for reply in replies[1:]] == ["the second part"], n
        assert asked[-1].reactions == [], n


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
def test_a_command_has_a_visible_answer_whenever_the_process_is_killed(
    desk: Desk, slack: SlackServer, killer: Killer, is_before: bool
) -> None:
    workspace, n_before = slack.workspace, 0
    channel = next(iter(workspace.channels.values()))

    def ask() -> Ask:
        url = slack.state.new_response_url(workspace, channel.id, "U1ANNA0001", "commands")
        trigger = slack.state.new_trigger(workspace, "U1ANNA0001")
        body = slash_command(workspace, channel, "U1ANNA0001", "/inyong", QUESTION, url, trigger)
        return lambda bot: bot.door.take_command(body)

    for n in killed_everywhere(desk, slack, killer, is_before=is_before, ask=ask):
        n_answers = sum(map(is_answer, slack.messages()))
        # What only the asker sees cannot be looked up: killed just then, it is said again.
        assert n_answers - n_before in (1, 2), n
        n_before = n_answers


def in_two_parts(*arguments: Any) -> list[elements.Message]:
    """A reply that does not fit into one message."""
    return [*render_reply(*arguments), elements.Message("the second part", ())]


def is_answer(message: Message) -> bool:
    """Whether a message is the end of an answer, not a status."""
    return any(block["type"] == "actions" for block in message.blocks)
