"""How much may be asked, and what is said to whoever asks more."""

from collections.abc import Sequence
from pathlib import Path

from service.slack.answering import find_exceeded_limit
from service.slack.ledger import Ledger
from service.slack.phrases import phrases_in
from service.slack.rules import Limits
from service.slack.types import Incoming, State, Trigger

MINUTE_S = 60.0


def refusals(
    home: Path, limits: Limits, asked: Sequence[tuple[float, str]], failed: tuple[int, ...] = ()
) -> list[str | None]:
    """What is said to each of these questions, asked after so many minutes by whom."""
    now, said = [0.0], []
    ledger = Ledger(home, 90, clock=lambda: now[0])
    for n, (minutes, user) in enumerate(asked):
        now[0] = minutes * MINUTE_S
        ledger.accept([Incoming("T1", "C1", f"{n}.0", user, "예산은?", Trigger.MENTION)])
        (task,) = ledger.claim(1)
        said.append(find_exceeded_limit(ledger, limits, task, phrases_in("en")))
        ledger.finish(task, State.FAILED if said[-1] or n in failed else State.DONE)
    ledger.close()
    return said


def test_a_user_may_ask_so_often_an_hour_and_is_told_when_again(tmp_path: Path) -> None:
    asked = [(0, "UANN"), (10, "UANN"), (20, "UANN"), (30, "UBOB"), (61, "UANN"), (62, "UANN")]
    said = refusals(tmp_path, Limits(user_per_hour=2), asked)
    assert said == [
        None,
        None,
        "You have used all 2 questions for now. Please ask again in 40 minutes.",
        None,
        None,
        "You have used all 2 questions for now. Please ask again in 8 minutes.",
    ]


def test_a_workspace_may_ask_so_often_whoever_asks(tmp_path: Path) -> None:
    said = refusals(tmp_path, Limits(workspace_per_day=2), [(0, "UANN"), (1, "UBOB"), (2, "UCAT")])
    assert said[:2] == [None, None]
    assert said[2] == "This workspace has used all 2 questions for now. Please ask again in 1438 minutes."


def test_what_got_no_answer_does_not_count(tmp_path: Path) -> None:
    said = refusals(tmp_path, Limits(user_per_hour=1), [(0, "UANN"), (1, "UANN")], failed=(0,))
    assert said == [None, None]


def test_no_limit_is_none(tmp_path: Path) -> None:
    limits = Limits(user_per_hour=0, user_per_day=0, workspace_per_hour=0, workspace_per_day=0)
    assert refusals(tmp_path, limits, [(0, "UANN")] * 3) == [None] * 3
