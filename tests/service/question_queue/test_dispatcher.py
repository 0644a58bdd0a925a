"""Where questions are answered, whatever door they came through."""

import asyncio
import subprocess
import sys

import pytest

from service.answering.types import Answer, Request
from service.question_queue.dispatcher import Dispatcher, StillLoading, open_dispatcher
from service.question_queue.events import Done, Failed
from service.question_queue.fair_queue import Stopping
from service.question_queue.running import start_question
from service.storage.permissions import EVERYONE, Caller
from tests.service.conftest import World

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"


class Noted:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note_answer(self, answer: Answer, caller: Caller) -> None:
        self.notes.append(f"{caller.name}: {answer.answer}")

    def note_no_answer(self, *, abandoned: bool) -> None:
        self.notes.append("abandoned" if abandoned else "failed")


def ask(dispatcher: Dispatcher) -> Answer | Exception:
    async def last() -> Answer | Exception:
        async for event in start_question(dispatcher, Request(QUESTION), EVERYONE).events():
            if isinstance(event, Done):
                return event.answer
            if isinstance(event, Failed):
                return event.error
        raise AssertionError

    return asyncio.run(last())


def test_answers_are_given_kept_and_noted_without_a_web_service(world: World) -> None:
    world.script("예산은 350억 원이 들었다.", RuntimeError("no room"))
    noted = Noted()
    dispatcher = open_dispatcher(world.settings, lambda message: None, noted)
    dispatcher.load()
    given = ask(dispatcher)
    assert isinstance(given, Answer)
    assert dispatcher.archive.find(given.id, EVERYONE).body["answer"] == given.answer
    assert isinstance(ask(dispatcher), RuntimeError)
    dispatcher.close()
    assert noted.notes == ["local: 예산은 350억 원이 들었다 [1].", "failed"]


def test_nothing_is_asked_before_the_models_are_loaded_and_after_the_end(world: World) -> None:
    dispatcher = open_dispatcher(world.settings, lambda message: None, Noted())
    with pytest.raises(StillLoading):
        ask(dispatcher)
    dispatcher.load()
    dispatcher.close()
    with pytest.raises(Stopping):
        ask(dispatcher)


@pytest.mark.parametrize(
    "module", ["service.question_queue.dispatcher", "service.question_queue.running", "service.slack.bot"]
)
def test_neither_desk_nor_bot_brings_a_web_framework_or_slacks_libraries_along(module: str) -> None:
    unwanted = ("fastapi", "starlette", "slack_bolt", "slack_sdk", "aiohttp", "torch")
    code = f"import sys, {module}; print([name for name in {unwanted} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode().strip() == "[]"
