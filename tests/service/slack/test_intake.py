"""Questions that come all at once: stored together, and acknowledged only when they are on disk."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from index.errors import StoreUnavailable
from service.slack.intake import Intake
from service.slack.ledger import Ledger
from service.slack.rules import RuleStore
from service.slack.types import Incoming, Trigger
from service.slack.worker import Worker
from service.slack.workspaces import Workspaces


class Failing(Ledger):
    """Counts transactions; the second one fails."""

    n_transactions = 0

    def accept(self, questions: Sequence[Incoming]) -> int:
        self.n_transactions += 1
        if self.n_transactions == 2:
            raise StoreUnavailable("the disk is full")
        return super().accept(questions)


class Sleeping(Worker):
    """Does nothing."""

    def __init__(self) -> None:
        pass

    def wake(self) -> None:
        pass


def test_of_a_burst_nothing_is_acknowledged_that_is_not_on_disk(tmp_path: Path) -> None:
    ledger = Failing(tmp_path, 90)
    said = [Incoming("T1", "C1", f"{n}.0", "UANN", "예산은?", Trigger.MENTION) for n in range(20)]

    async def burst() -> list[BaseException | None]:
        intake = Intake(Workspaces([]), ledger, RuleStore(tmp_path), Sleeping())
        first = asyncio.create_task(intake.take(said[0]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the first is being stored
        others = await asyncio.gather(*map(intake.take, said[1:]), return_exceptions=True)
        await first
        await intake.take(said[1])  # Slack retries
        return others

    others = asyncio.run(burst())
    assert all(isinstance(error, StoreUnavailable) for error in others)
    assert ledger.n_transactions == 3
    assert [task.incoming for task in ledger.claim(99)] == said[:2]
    ledger.close()
