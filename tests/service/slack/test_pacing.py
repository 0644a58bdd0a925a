"""Updates on the way to an answer: few, the latest, and none behind it."""

import asyncio
from time import monotonic

import pytest

from service.slack.calling import SlackUnreachable
from service.slack.elements import Message
from service.slack.pacing import Pace, Pen


def message(text: str) -> Message:
    return Message(text, ())


def test_updates_of_a_workspace_keep_their_distance_and_others_do_not_wait() -> None:
    async def take_turns() -> list[float]:
        pace, began = Pace(0.1), monotonic()
        times = []
        for team in ("T1", "T1", "T2", "T1"):
            await pace.turn(team)
            times.append(monotonic() - began)
        return times

    first, second, other, third = asyncio.run(take_turns())
    assert first < 0.05
    assert 0.1 <= second <= other < 0.19
    assert third >= 0.2


def test_only_the_latest_is_written() -> None:
    written: list[str] = []

    async def write(shown: Message) -> None:
        written.append(shown.text)

    async def show() -> None:
        pen = Pen("T1", Pace(0.05), write)
        for text in "abc":
            pen.show(message(text))
        await asyncio.sleep(0.02)
        for text in "def":
            pen.show(message(text))
        await asyncio.sleep(0.1)
        await pen.lift()

    asyncio.run(show())
    assert written == ["c", "f"]


def test_an_update_under_way_is_waited_for_and_none_follows() -> None:
    happened: list[str] = []

    async def write(shown: Message) -> None:
        await asyncio.sleep(0.05)
        happened.append(shown.text)

    async def show() -> None:
        pen = Pen("T1", Pace(0.0), write)
        pen.show(message("first"))
        await asyncio.sleep(0.01)
        pen.show(message("second"))
        await pen.lift()
        happened.append("lifted")
        pen.show(message("third"))
        await asyncio.sleep(0.1)

    asyncio.run(show())
    assert happened == ["first", "lifted"]


@pytest.mark.parametrize("n_failing", [1, 2])
def test_an_update_that_fails_does_not_end_the_updates(n_failing: int) -> None:
    written: list[str] = []

    async def write(shown: Message) -> None:
        if len(written) < n_failing:
            written.append("failed")
            raise SlackUnreachable("away")
        written.append(shown.text)

    async def show() -> None:
        pen = Pen("T1", Pace(0.0), write)
        for text in "abc":
            pen.show(message(text))
            await asyncio.sleep(0.01)
        await pen.lift()

    asyncio.run(show())
    assert written == [*["failed"] * n_failing, *"abc"[n_failing:]]
