"""What keeps the worker from its work, for a while or for good."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.errors import StoreUnavailable
from service.access import Caller
from service.slack import worker as worker_module
from service.slack.calling import Calls, SlackUnreachable, TokenGone
from service.slack.channels import caller_id
from service.slack.elements import Message
from service.slack.ledger import Ledger
from service.slack.posting import Posting
from service.slack.replying import Ending, PutBack, Replier, Setting
from service.slack.types import Incoming, State, Task, Way
from service.slack.worker import Worker


class Silent(Posting):
    """Posts nowhere, and remembers what."""

    def __init__(self) -> None:
        super().__init__(Calls(), lambda team: "xoxb-none")
        self.posted: list[tuple[str, str]] = []

    async def post(
        self, team: str, channel: str, message: Message, *, thread: str, key: str, may_exist: bool = False
    ) -> str:
        self.posted.append((team, message.text))
        return "1.1"

    async def show(self, team: str, channel: str, user: str, message: Message, *, thread: str = "") -> None:
        self.posted.append((user, message.text))


class Scripted(Replier):
    """Does what it was told to, one thing a call, then answers."""

    def __init__(self, *troubles: BaseException) -> None:
        self.troubles = list(troubles)
        self.n_asked = 0

    async def setting_of(self, task: Task) -> Setting:
        caller = Caller("slack", None, frozenset(), caller_id(task.incoming.team, task.incoming.user))
        return Setting(caller, alone=False, language="ko", wanted=None, opens_nothing=False, opening="")

    async def ending_of(self, task: Task, setting: Setting, narration: object) -> Ending:
        self.n_asked += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return Ending((Message(f"답 {task.incoming.ts}", ()),), "a1", ("질문", "답"))


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_PAUSE_S", 0.1)
    monkeypatch.setattr(worker_module, "_PAUSE_AFTER_ERROR_S", 0.1)


Posted = list[tuple[str, str]]


def work(home: Path, replier: Scripted, *, teams: tuple[str, ...] = ("T1",), seconds: float = 5.0) -> Posted:
    """What is posted for a question in each of these workspaces."""

    async def whole() -> Posted:
        ledger, posting = Ledger(home, 90), Silent()
        working = Worker(ledger, posting, replier)
        for n, team in enumerate(teams):
            ts = f"{n}.0"
            await ledger.accept(Incoming(team, "C1", ts, "UANN", "예산은?", Way.MENTION, thread=ts))
        running = asyncio.create_task(working.run())
        try:
            async with asyncio.timeout(seconds):
                while await ledger.unfinished():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pass
        await working.stop(1.0, lambda: None, 1.0)
        await running
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
    replier = Scripted(trouble, trouble)
    assert work(tmp_path, replier) == [("T1", "답 0.0")]
    assert replier.n_asked == 3


def test_a_workspace_in_trouble_keeps_no_other_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_PAUSE_S", 60.0)
    replier = Scripted(TokenGone("chat.postMessage", "token_revoked"))
    assert work(tmp_path, replier, teams=("T1", "T2"), seconds=0.5) == [("T2", "답 1.0")]


def test_what_is_interrupted_by_the_end_is_done_by_the_next_process(tmp_path: Path) -> None:
    assert work(tmp_path, Scripted(PutBack()), seconds=0.3) == []
    assert work(tmp_path, Scripted()) == [("T1", "답 0.0")]


def test_an_attempt_that_crashes_counts_and_waiting_does_not(tmp_path: Path) -> None:
    async def attempts(troubles: Sequence[Exception]) -> int:
        work_home = tmp_path / type(troubles[0]).__name__
        await asyncio.to_thread(work, work_home, Scripted(*troubles))
        ledger = Ledger(work_home, 90)
        task = await ledger.find(1)
        ledger.close()
        assert task
        assert task.state is State.DONE
        return task.attempts

    assert asyncio.run(attempts([ZeroDivisionError("ours")] * 2)) == 3
    assert asyncio.run(attempts([SlackUnreachable("away")] * 2)) == 1


def test_a_ledger_that_cannot_be_read_at_first_is_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_LOOK_AGAIN_S", 0.05)
    recover, failures = Ledger.recover, [StoreUnavailable("locked")]

    async def fails_first(ledger: Ledger) -> int:
        if failures:
            raise failures.pop()
        return await recover(ledger)

    monkeypatch.setattr(Ledger, "recover", fails_first)
    assert work(tmp_path, Scripted()) == [("T1", "답 0.0")]


def test_a_reply_made_for_the_asker_alone_stays_so_whatever_the_rules_are_by_then(tmp_path: Path) -> None:
    async def settle() -> None:
        ledger = Ledger(tmp_path, 90)
        task = await ledger.accept(Incoming("T1", "C1", "0.0", "UANN", "예산은?", Way.MENTION, thread="0.0"))
        assert task
        await ledger.settle(task, [Message("for Ann alone", ())], is_private=True, answer_id="a1")
        ledger.close()

    asyncio.run(settle())
    assert work(tmp_path, Scripted()) == [("UANN", "for Ann alone")]
