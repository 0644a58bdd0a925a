"""Where questions are answered, whatever door they came through."""

import asyncio
import subprocess
import sys

import pytest

from service.access import EVERYONE, Caller
from service.answer import Request
from service.asking import start_asking
from service.asking_events import Done, Failed
from service.desk import Desk, StillLoading, open_desk
from service.errors import GenerationFailed
from service.turns import Stopping
from service.types import Answer
from tests.service.conftest import World

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"


class Noted:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note_answer(self, answer: Answer, caller: Caller, waited_s: float) -> None:
        self.notes.append(f"{caller.name}: {answer.answer}")

    def note_no_answer(self, *, abandoned: bool) -> None:
        self.notes.append("abandoned" if abandoned else "failed")


def ask(desk: Desk) -> Answer | Exception:
    async def last() -> Answer | Exception:
        async for event in start_asking(desk, Request(QUESTION), EVERYONE).events():
            if isinstance(event, Done):
                return event.answer
            if isinstance(event, Failed):
                return event.error
        raise AssertionError

    return asyncio.run(last())


def test_answers_are_given_kept_and_noted_without_a_web_service(world: World) -> None:
    world.script("예산은 350억 원이 들었다.", GenerationFailed("no room"))
    noted = Noted()
    desk = open_desk(world.settings, lambda message: None, noted)
    desk.load()
    given = ask(desk)
    assert isinstance(given, Answer)
    assert desk.archive.find(given.id, EVERYONE).body["answer"] == given.answer
    assert isinstance(ask(desk), GenerationFailed)
    desk.close()
    assert noted.notes == ["local: 예산은 350억 원이 들었다 [1].", "failed"]


def test_nothing_is_asked_before_the_models_are_loaded_and_after_the_end(world: World) -> None:
    desk = open_desk(world.settings, lambda message: None, Noted())
    with pytest.raises(StillLoading):
        ask(desk)
    desk.load()
    desk.close()
    with pytest.raises(Stopping):
        ask(desk)


@pytest.mark.parametrize("module", ["service.desk", "service.asking", "service.slack.bot"])
def test_neither_desk_nor_bot_brings_a_web_framework_or_slacks_libraries_along(module: str) -> None:
    unwanted = ("fastapi", "starlette", "slack_bolt", "slack_sdk", "aiohttp", "torch")
    code = f"import sys, {module}; print([name for name in {unwanted} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode().strip() == "[]"
