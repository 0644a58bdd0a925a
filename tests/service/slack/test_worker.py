"""What keeps the worker from its work, for a while or for good."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index.errors import StoreUnavailable
from service.slack import worker as worker_module
from service.slack.answering import Answerer, Interrupted, QuestionContext
from service.slack.blocks import Message
from service.slack.ledger import LEDGER_FILE, Ledger
from service.slack.posting import Posting
from service.slack.types import Incoming, Task, TaskReply, Trigger
from service.slack.web_api import SlackApi, SlackUnreachable, TokenGone
from service.slack.worker import Worker


class Silent(Posting):
    """Posts nowhere, and remembers what."""

    def __init__(self) -> None:
        super().__init__(SlackApi(), lambda team: "xoxb-none")
        self.posted: list[tuple[str, str]] = []

    async def post(
        self, team: str, channel: str, message: Message, *, thread: str, key: str, may_exist: bool = False
    ) -> str:
        self.posted.append((team, message.text))
        return "1.1"

    async def show(self, team: str, channel: str, user: str, message: Message, *, thread: str = "") -> None:
        self.posted.append((user, message.text))


class Scripted(Answerer):
    """Does what it was told to, one thing a call, then answers."""

    def __init__(self, *troubles: BaseException) -> None:
        self.troubles = list(troubles)
        self.n_asked = 0

    async def context_of(self, task: Task) -> QuestionContext:
        return QuestionContext(is_private=False, language="ko")

    async def reply_to(self, task: Task, context: QuestionContext, delivery: object) -> TaskReply:
        self.n_asked += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return TaskReply(Message(f"답 {task.incoming.ts}", ()), "a1", ("질문", "답"))


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_PAUSE_S", 0.1)
    monkeypatch.setattr(worker_module, "_PAUSE_AFTER_ERROR_S", 0.1)


Posted = list[tuple[str, str]]


def count_unfinished(home: Path) -> int:
    """The questions that have no end yet."""
    with closing(sqlite3.connect(home / LEDGER_FILE)) as connection:
        (n,) = connection.execute(
            "SELECT COUNT(*) FROM tasks WHERE state IN ('queued', 'running')"
        ).fetchone()
    return int(n)


def work(home: Path, answerer: Scripted, *, teams: tuple[str, ...] = ("T1",), seconds: float = 5.0) -> Posted:
    """What is posted for a question in each of these workspaces."""

    async def whole() -> Posted:
        ledger, posting = Ledger(home, 90), Silent()
        working = Worker(ledger, posting, answerer)
        for n, team in enumerate(teams):
            ts = f"{n}.0"
            ledger.accept([Incoming(team, "C1", ts, "UANN", "예산은?", Trigger.MENTION, thread=ts)])
        working.start()
        try:
            async with asyncio.timeout(seconds):
                while count_unfinished(home):
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pass
        await working.stop(1.0, lambda: None, 1.0)
        ledger.close()
        return posting.posted

    return asyncio.run(whole())


@pytest.mark.parametrize(
    "trouble",
    [
        SlackUnreachable("away"),
        TokenGone("chat.postMessage", "token_revoked"),
        StoreUnavailable("the disk is full"),
        ZeroDivisionError("ours"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_what_passes_is_waited_for(tmp_path: Path, trouble: Exception) -> None:
    answerer = Scripted(trouble, trouble)
    assert work(tmp_path, answerer) == [("T1", "답 0.0")]
    assert answerer.n_asked == 3


def test_a_workspace_in_trouble_keeps_no_other_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_PAUSE_S", 60.0)
    answerer = Scripted(TokenGone("chat.postMessage", "token_revoked"))
    assert work(tmp_path, answerer, teams=("T1", "T2"), seconds=0.5) == [("T2", "답 1.0")]


def test_what_is_interrupted_by_the_end_is_done_by_the_next_process(tmp_path: Path) -> None:
    assert work(tmp_path, Scripted(Interrupted()), seconds=0.3) == []
    assert work(tmp_path, Scripted()) == [("T1", "답 0.0")]


@pytest.mark.parametrize(
    ("trouble", "n_attempts"), [(ZeroDivisionError("ours"), 3), (SlackUnreachable("away"), 1)]
)
def test_an_attempt_that_crashes_counts_and_waiting_does_not(
    tmp_path: Path, trouble: Exception, n_attempts: int
) -> None:
    work(tmp_path, Scripted(trouble, trouble))
    ledger = Ledger(tmp_path, 90)
    task = ledger.find_by_answer("a1")
    ledger.close()
    assert task
    assert task.attempts == n_attempts
    assert count_unfinished(tmp_path) == 0


def test_a_ledger_that_cannot_be_read_at_first_is_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_CHECK_EVERY_S", 0.05)
    recover, failures = Ledger.recover, [StoreUnavailable("locked")]

    def fails_first(ledger: Ledger) -> int:
        if failures:
            raise failures.pop()
        return recover(ledger)

    monkeypatch.setattr(Ledger, "recover", fails_first)
    assert work(tmp_path, Scripted()) == [("T1", "답 0.0")]


def test_a_reply_made_for_the_asker_alone_stays_so_whatever_the_rules_are_by_then(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, 90)
    ledger.accept([Incoming("T1", "C1", "0.0", "UANN", "예산은?", Trigger.MENTION, thread="0.0")])
    (task,) = ledger.claim(1)
    ledger.store_reply(task, TaskReply(Message("for Ann alone", ()), "a1", is_private=True))
    ledger.close()
    assert work(tmp_path, Scripted()) == [("UANN", "for Ann alone")]
