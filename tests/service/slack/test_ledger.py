"""What is written down of questions, through crashes and for as long as it may be kept."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service.answering.types import Turn
from service.slack.blocks import Message
from service.slack.ledger import LEDGER_FILE, Ledger
from service.slack.rules import ChannelKind
from service.slack.types import Incoming, Post, State, Task, TaskReply, Trigger

DAY_S = 86_400.0


def asked(n: int = 1, user: str = "UANN", **more: str) -> Incoming:
    incoming = Incoming(
        "T1", "C1", f"{n}.0", user, f"질문 {n}", Trigger.MENTION, ChannelKind.PRIVATE, "1.0", f"{n}.0"
    )
    return replace(incoming, **more)  # type: ignore[arg-type]


@contextmanager
def opened(home: Path, keep_days: int = 90, now: Callable[[], float] = lambda: 1000.0) -> Iterator[Ledger]:
    ledger = Ledger(home, keep_days, clock=now)
    try:
        yield ledger
    finally:
        ledger.close()


def claim_one(ledger: Ledger) -> Task:
    (task,) = ledger.claim(1)
    return task


def test_a_question_is_accepted_once_also_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        assert ledger.accept([asked()]) == 1
        assert ledger.accept([asked(text="다른 말")]) == 0
    with opened(tmp_path) as ledger:
        assert ledger.accept([asked(), asked(team="T2"), asked(channel="C2")]) == 2


def test_of_many_at_once_each_is_accepted_once(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger, ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda n: ledger.accept([asked(n % 50)]), range(500))) == 50


def test_a_task_comes_back_as_it_was_noted(tmp_path: Path) -> None:
    incoming = asked(response_url="https://hooks.example/1")
    block = {"type": "rich_text", "elements": []}
    reply = TaskReply(Message("답", (block,)), "a1", ("질문", "답"), is_private=True)
    with opened(tmp_path) as ledger:
        ledger.accept([incoming])
        task = claim_one(ledger)
        ledger.note_reaction(task)
        ledger.note_post(task, Post.THREAD, "")
        ledger.note_post(task, Post.THREAD, "7.7")
        ledger.note_post(task, Post.PRIVATE, "")
        ledger.store_reply(task, reply)
    with opened(tmp_path) as ledger:
        found = ledger.find_by_answer("a1")
        assert found == replace(
            task,
            has_reaction=True,
            reply=replace(reply, turn=("", "")),  # the turn is only read as history
            posts={Post.THREAD: "7.7", Post.PRIVATE: ""},
        )
        assert (found.incoming, found.attempts) == (incoming, 1)


def test_a_task_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.accept([asked()])
    with sqlite3.connect(tmp_path / LEDGER_FILE) as connection:
        connection.execute(
            "UPDATE tasks SET incoming = ?",
            [
                '{"team":"T1","channel":"C1","ts":"1.0","user":"UANN","text":"질문 1","way":"mention",'
                '"kind":"private","thread":"1.0","message":"1.0","response_url":""}'
            ],
        )
    with opened(tmp_path) as ledger:
        assert claim_one(ledger).incoming == asked()


def test_questions_are_claimed_once_the_oldest_first(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.accept([asked(n) for n in range(3)])
        assert [task.incoming.ts for task in ledger.claim(2)] == ["0.0", "1.0"]
        assert [task.incoming.ts for task in ledger.claim(9)] == ["2.0"]
        assert ledger.claim(9) == []


def test_paused_workspaces_are_passed_over(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.accept([asked(1), asked(2, team="T2")])
        assert [task.incoming.team for task in ledger.claim(9, ["T1"])] == ["T2"]


def test_what_ran_when_the_process_ended_is_queued_again(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.accept([asked(n) for n in range(3)])
        first, second, _ = ledger.claim(3)
        ledger.finish(first)
        ledger.requeue(second)
    with opened(tmp_path) as ledger:
        assert ledger.recover() == 2
        assert [(task.incoming.ts, task.attempts) for task in ledger.claim(9)] == [("1.0", 1), ("2.0", 2)]


def test_a_thread_has_its_turns_and_none_of_apologies(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        assert not ledger.takes_part("T1", "C1", "1.0")
        for n, turn in enumerate([("가?", "나."), ("", ""), ("다?", "라.")]):
            ledger.accept([asked(n)])
            task = claim_one(ledger)
            ledger.store_reply(task, TaskReply(Message("답", ()), turn=turn))
            ledger.finish(task)
        assert ledger.takes_part("T1", "C1", "1.0")
        ledger.accept([asked(8), asked(9, thread="2.0")])
        here, elsewhere = ledger.claim(2)
        assert ledger.history(here) == (
            Turn("user", "가?"),
            Turn("assistant", "나."),
            Turn("user", "다?"),
            Turn("assistant", "라."),
        )
        assert ledger.history(elsewhere) == ()


def test_history_has_neither_later_questions_nor_private_answers_to_others(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.accept([asked(1, user="UKIM"), asked(2, user="UANN"), asked(3, user="UKIM"), asked(4)])
        private, first, second, later = ledger.claim(4)
        ledger.store_reply(
            private, TaskReply(Message("답", ()), turn=("비밀?", "350억 원."), is_private=True)
        )
        ledger.store_reply(later, TaskReply(Message("답", ()), turn=("나중?", "네.")))
        assert ledger.history(first) == ()
        assert ledger.history(second) == (Turn("user", "비밀?"), Turn("assistant", "350억 원."))


@pytest.mark.parametrize(("keep_days", "is_kept"), [(90, True), (0, False)])
def test_nothing_said_is_left_where_nothing_is_to_be_kept(
    tmp_path: Path, keep_days: int, is_kept: bool
) -> None:
    with opened(tmp_path, keep_days) as ledger:
        ledger.accept([asked(text="비밀스러운 질문", response_url="https://hooks.example/secret-path")])
        task = claim_one(ledger)
        turn = ("비밀스러운 질문", "비밀스러운 답")
        ledger.store_reply(task, TaskReply(Message("비밀스러운 답", ()), turn=turn))
        ledger.finish(task)
        assert ledger.accept([asked()]) == 0
    written = b"".join(path.read_bytes() for path in tmp_path.glob(f"{LEDGER_FILE}*"))
    assert ("비밀스러운 답".encode() in written) == is_kept
    assert b"secret-path" not in written


def test_old_tasks_are_forgotten_but_never_unfinished_ones(tmp_path: Path) -> None:
    now = [0.0]
    with opened(tmp_path, 2, lambda: now[0]) as ledger:
        ledger.accept([asked(n) for n in range(2)])
        ledger.finish(claim_one(ledger))
        now[0] = 2 * DAY_S + 1
        assert ledger.purge() == 1
        assert [task.incoming.ts for task in ledger.claim(9)] == ["1.0"]
        assert ledger.accept([asked(0)]) == 1


def test_only_earlier_questions_that_did_not_fail_are_counted(tmp_path: Path) -> None:
    now = [0.0]
    with opened(tmp_path, 2, lambda: now[0]) as ledger:
        for n, user in enumerate(["UANN", "UANN", "UBOB", "UANN"]):
            now[0] = 100.0 * n
            ledger.accept([asked(n, user)])
        _, second, last = sorted(
            (task for task in ledger.claim(9) if task.incoming.user == "UANN"), key=lambda task: task.id
        )
        assert ledger.count_before(last, 1000) == (3, 0.0)
        assert ledger.count_before(last, 1000, "UANN") == (2, 0.0)
        assert ledger.count_before(last, 250) == (2, 100.0)
        ledger.finish(second, State.FAILED)
        assert ledger.count_before(last, 1000, "UANN") == (1, 0.0)
