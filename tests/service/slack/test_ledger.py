"""What is written down of questions, through crashes and for as long as it may be kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service.slack.channels import ChannelKind
from service.slack.elements import Message, line, rich, words
from service.slack.ledger import LEDGER_FILE, Ledger
from service.slack.types import Incoming, State, Way
from service.types import Turn

DAY_S = 86_400.0


def asked(n: int = 1, user: str = "UANN", **more: str) -> Incoming:
    incoming = Incoming(
        "T1", "C1", f"{n}.0", user, f"질문 {n}", Way.MENTION, ChannelKind.PRIVATE, "1.0", f"{n}.0"
    )
    return replace(incoming, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def opened(
    home: Path, keep_days: int = 90, now: Callable[[], float] = lambda: 1000.0
) -> AsyncIterator[Ledger]:
    ledger = Ledger(home, keep_days, clock=now)
    try:
        yield ledger
    finally:
        ledger.close()


def run(home: Path, what: Callable[[Ledger], Awaitable[None]], keep_days: int = 90) -> None:
    async def whole() -> None:
        async with opened(home, keep_days) as ledger:
            await what(ledger)

    asyncio.run(whole())


def test_a_question_is_accepted_once_also_after_a_restart(tmp_path: Path) -> None:
    async def twice(ledger: Ledger) -> None:
        assert await ledger.accept(asked())
        assert await ledger.accept(asked(text="다른 말")) is None

    async def again(ledger: Ledger) -> None:
        assert await ledger.accept(asked()) is None
        assert await ledger.accept(asked(team="T2"))
        assert await ledger.accept(asked(channel="C2"))

    run(tmp_path, twice)
    run(tmp_path, again)


def test_of_many_at_once_each_is_accepted_once(tmp_path: Path) -> None:
    async def storm(ledger: Ledger) -> None:
        found = await asyncio.gather(*(ledger.accept(asked(n % 50)) for n in range(500)))
        assert len([task for task in found if task]) == 50

    run(tmp_path, storm)


def test_a_task_comes_back_as_it_was_noted(tmp_path: Path) -> None:
    reply = (Message("답", (rich(line(words("답 [1]"))),)),)

    async def note(ledger: Ledger) -> None:
        await ledger.accept(asked(response_url="https://hooks.example/1"))
        (task,) = await ledger.claim(5)
        await ledger.note_reaction(task)
        await ledger.note_post(task, 0, "")
        await ledger.note_post(task, 0, "7.7")
        await ledger.note_post(task, 1, "")
        await ledger.settle(task, reply, is_private=True, answer_id="a1", turn=("질문", "답"))

    async def find(ledger: Ledger) -> None:
        (task,) = await ledger.unfinished()
        assert task.incoming == asked(response_url="https://hooks.example/1")
        assert (task.state, task.attempts, task.has_reaction) == (State.RUNNING, 1, True)
        assert (task.reply, task.answer_id, task.posts) == (reply, "a1", {0: "7.7", 1: ""})
        assert task.is_private
        assert await ledger.of_answer("a1") == task

    run(tmp_path, note)
    run(tmp_path, find)


def test_everybodys_first_question_comes_before_anybodys_second(tmp_path: Path) -> None:
    async def claim(ledger: Ledger) -> None:
        for n, user in enumerate(["UANN", "UANN", "UANN", "UBOB", "UCAT"]):
            await ledger.accept(asked(n, user))
        first = await ledger.claim(3)
        assert [task.incoming.user for task in first] == ["UANN", "UBOB", "UCAT"]
        assert [task.incoming.ts for task in await ledger.claim(9)] == ["1.0", "2.0"]
        assert await ledger.claim(9) == []

    run(tmp_path, claim)


def test_paused_workspaces_are_passed_over(tmp_path: Path) -> None:
    async def claim(ledger: Ledger) -> None:
        await ledger.accept(asked(1))
        await ledger.accept(asked(2, team="T2"))
        assert [task.incoming.team for task in await ledger.claim(9, ["T1"])] == ["T2"]

    run(tmp_path, claim)


def test_what_ran_when_the_process_ended_is_queued_again(tmp_path: Path) -> None:
    async def begin(ledger: Ledger) -> None:
        for n in range(3):
            await ledger.accept(asked(n))
        first, second, _ = await ledger.claim(3)
        await ledger.finish(first)
        await ledger.put_back(second)

    async def recover(ledger: Ledger) -> None:
        assert await ledger.recover() == 2
        assert [(task.incoming.ts, task.attempts) for task in await ledger.claim(9)] == [
            ("1.0", 1),
            ("2.0", 2),
        ]

    run(tmp_path, begin)
    run(tmp_path, recover)


def test_a_thread_has_its_turns_and_none_of_apologies(tmp_path: Path) -> None:
    async def talk(ledger: Ledger) -> None:
        assert not await ledger.takes_part("T1", "C1", "1.0")
        for n, turn in enumerate([("가?", "나."), ("", ""), ("다?", "라.")]):
            task = await ledger.accept(asked(n))
            assert task
            await ledger.settle(task, (), turn=turn)
            await ledger.finish(task)
        assert await ledger.takes_part("T1", "C1", "1.0")
        assert await ledger.history("T1", "C1", "1.0") == (
            Turn("user", "가?"),
            Turn("assistant", "나."),
            Turn("user", "다?"),
            Turn("assistant", "라."),
        )
        assert await ledger.history("T1", "C1", "2.0") == ()

    run(tmp_path, talk)


@pytest.mark.parametrize(("keep_days", "is_kept"), [(90, True), (0, False)])
def test_nothing_said_is_left_where_nothing_is_to_be_kept(
    tmp_path: Path, keep_days: int, is_kept: bool
) -> None:
    async def end(ledger: Ledger) -> None:
        task = await ledger.accept(
            asked(text="비밀스러운 질문", response_url="https://hooks.example/secret-path")
        )
        assert task
        await ledger.settle(task, (Message("비밀스러운 답", ()),), turn=("비밀스러운 질문", "비밀스러운 답"))
        await ledger.finish(task)
        assert await ledger.accept(asked()) is None

    run(tmp_path, end, keep_days)
    written = b"".join(path.read_bytes() for path in tmp_path.glob(f"{LEDGER_FILE}*"))
    assert ("비밀스러운 답".encode() in written) == is_kept
    assert b"secret-path" not in written


def test_old_tasks_are_forgotten_but_never_unfinished_ones(tmp_path: Path) -> None:
    now = [0.0]

    async def age() -> None:
        async with opened(tmp_path, 2, lambda: now[0]) as ledger:
            for n in range(2):
                await ledger.accept(asked(n))
            (task,) = await ledger.claim(1)
            await ledger.finish(task)
            now[0] = 2 * DAY_S + 1
            assert await ledger.purge() == 1
            assert [task.incoming.ts for task in await ledger.unfinished()] == ["1.0"]
            assert await ledger.find(task.id) is None

    asyncio.run(age())


def test_only_earlier_questions_that_did_not_fail_are_counted(tmp_path: Path) -> None:
    now = [0.0]

    async def count() -> None:
        async with opened(tmp_path, 2, lambda: now[0]) as ledger:
            for n, user in enumerate(["UANN", "UANN", "UBOB", "UANN"]):
                now[0] = 100.0 * n
                await ledger.accept(asked(n, user))
            _, second, _, last = await ledger.unfinished()
            assert await ledger.count_before(last, 1000) == (3, 0.0)
            assert await ledger.count_before(last, 1000, "UANN") == (2, 0.0)
            assert await ledger.count_before(last, 250) == (2, 100.0)
            await ledger.finish(second, State.FAILED)
            assert await ledger.count_before(last, 1000, "UANN") == (1, 0.0)

    asyncio.run(count())
