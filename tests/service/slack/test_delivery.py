"""Updates on the way to an answer: few, and none that could keep the answer away."""

import asyncio
from pathlib import Path

import pytest

from service.slack.blocks import Message
from service.slack.delivery import Delivery, UpdateRate
from service.slack.ledger import Ledger
from service.slack.posting import Posting
from service.slack.types import Incoming, Post, Task, Trigger
from service.slack.web_api import SlackApi, SlackBusy, SlackRefused, SlackUnreachable, TokenGone


class Scripted(Posting):
    """Posts nowhere, remembers the updates, and fails as told."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__(SlackApi(), lambda team: "xoxb-none")
        self.errors = list(errors)
        self.updates: list[str] = []

    async def update(
        self, team: str, channel: str, ts: str, message: Message, *, is_optional: bool = False
    ) -> None:
        assert is_optional
        if self.errors:
            raise self.errors.pop()
        self.updates.append(message.text)

    async def respond(
        self, response_url: str, message: Message, *, replace: bool, is_optional: bool = False
    ) -> None:
        self.updates.append(message.text)


def delivery(home: Path, posting: Posting, rate: UpdateRate, *, response_url: str | None = None) -> Delivery:
    is_private = response_url is not None
    incoming = Incoming(
        "T1", "C1", "1.0", "UANN", "예산은?", Trigger.COMMAND, response_url=response_url or ""
    )
    task = Task(1, incoming, 0.0, posts={Post.THREAD: "" if is_private else "1.1"})
    return Delivery(task, Ledger(home, 90), posting, rate, is_private=is_private)


def test_updates_of_a_workspace_keep_their_distance_and_others_do_not_wait() -> None:
    rate = UpdateRate(60.0)
    assert [rate.take(team) for team in ("T1", "T1", "T2", "T1")] == [True, False, True, False]
    assert [UpdateRate(0.0).take("T1") for _ in range(2)] == [True, True]


def test_an_update_over_the_rate_is_left_for_later(tmp_path: Path) -> None:
    posting = Scripted()
    shown = delivery(tmp_path, posting, UpdateRate(60.0))
    assert asyncio.run(shown.update(Message("a", ())))
    assert not asyncio.run(shown.update(Message("b", ())))
    assert posting.updates == ["a"]


@pytest.mark.parametrize(
    "error",
    [
        SlackBusy("chat.update"),
        SlackUnreachable("away"),
        SlackRefused("chat.update", "not_found"),
        TokenGone("chat.update", "token_revoked"),
    ],
)
def test_an_update_that_fails_does_not_end_the_updates(tmp_path: Path, error: Exception) -> None:
    posting = Scripted(error)
    shown = delivery(tmp_path, posting, UpdateRate(0.0))
    assert asyncio.run(shown.update(Message("a", ())))
    assert asyncio.run(shown.update(Message("b", ())))
    assert posting.updates == ["b"]


@pytest.mark.parametrize(("response_url", "updates"), [("https://hooks.example/1", ["a"]), ("", [])])
def test_a_private_status_is_updated_once_where_it_can_be(
    tmp_path: Path, response_url: str, updates: list[str]
) -> None:
    posting = Scripted()
    shown = delivery(tmp_path, posting, UpdateRate(0.0), response_url=response_url)
    for text in "ab":
        assert asyncio.run(shown.update(Message(text, ())))
    assert posting.updates == updates
