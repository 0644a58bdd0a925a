"""Every question from Slack, written down before it is acknowledged, with what became of it.

What is acknowledged survives a kill at any instant: a task is unfinished until its visible end is posted.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from service.database import Database
from service.slack import ledger_rows
from service.slack.batching import Batching
from service.slack.elements import Message
from service.slack.types import Incoming, State, Task
from service.types import Turn

LEDGER_FILE = "slack.sqlite"
_A_DAY_S = 86_400.0
_LEAST_DAYS = 1  # Slack repeats an event for some hours; that it was seen is known for longer
_PURGE_EVERY_S = 3600.0


class Ledger:
    """The tasks of one store. Safe to share; what a method has changed is on disk when it returns.

    Every method raises StoreUnavailable.
    """

    def __init__(self, home: Path, keep_days: int, *, clock: Callable[[], float] = time.time) -> None:
        """Opens nothing yet.

        keep_days: how long questions and answers are kept; 0: no longer than until they are answered. clock:
        seconds since 1970.
        """
        self._database = Database(
            home / LEDGER_FILE, ledger_rows.SCHEMA, version=1, when_damaged="move it away; a new one is begun"
        )
        self._batching = Batching(self._database)
        self._keep_days = keep_days
        self._clock = clock
        self._purged_at = 0.0

    async def accept(self, incoming: Incoming) -> Task | None:
        """Writes a question down; None when it was seen before."""
        return await self._batching.do(lambda rows: ledger_rows.accept(rows, incoming, self._clock()))

    async def recover(self) -> int:
        """Queues what was begun and not finished by a process that is gone; how many are to be done now."""
        return await self._batching.do(ledger_rows.recover)

    async def claim(self, n: int, but: Collection[str] = ()) -> list[Task]:
        """At most n tasks to begin, in fair turns: everybody's first before anybody's second.

        but: not those of these teams.
        """
        return await self._batching.do(lambda rows: ledger_rows.claim(rows, n, but))

    async def put_back(self, task: Task, *, counts: bool = False) -> None:
        """To be begun anew. counts: whether this was an attempt at it that failed."""
        await self._batching.do(lambda rows: ledger_rows.put_back(rows, task.id, counts=counts))

    async def note_reaction(self, task: Task) -> None:
        """Before a reaction is added: from now on there may be one to take away."""
        await self._batching.do(lambda rows: ledger_rows.note_reaction(rows, task.id))

    async def note_post(self, task: Task, part: int, ts: str) -> None:
        """A part's ts; "" before it is posted, so that a crash in between is known of."""
        await self._batching.do(lambda rows: ledger_rows.note_post(rows, task.id, part, ts))

    async def settle(
        self,
        task: Task,
        reply: Sequence[Message],
        *,
        is_private: bool = False,
        answer_id: str | None = None,
        turn: tuple[str, str] = ("", ""),
    ) -> None:
        """Keeps the messages that end the task, before the first is posted: nothing is asked again for it.

        is_private: made for the asker alone. turn: question and answer, which follow-ups lean on; empty for
        an apology.
        """
        await self._batching.do(
            lambda rows: ledger_rows.settle(rows, task.id, reply, answer_id, turn, is_private=is_private)
        )

    async def finish(self, task: Task, state: State = State.DONE) -> None:
        """The task has its visible end; forgets what is not to be kept any longer."""
        keeps = self._keep_days > 0
        await self._batching.do(lambda rows: ledger_rows.finish(rows, task, state, keeps_words=keeps))
        await self._purge_now_and_then()

    async def history(self, team: str, channel: str, thread: str) -> tuple[Turn, ...]:
        """The latest questions and answers of a thread, the oldest of them first."""
        return await self._batching.do(lambda rows: ledger_rows.history(rows, team, channel, thread))

    async def takes_part(self, team: str, channel: str, thread: str) -> bool:
        """Whether the bot was asked in this thread."""
        return await self._batching.do(lambda rows: ledger_rows.takes_part(rows, team, channel, thread))

    async def unfinished(self) -> list[Task]:
        """The tasks that have no visible end yet, the oldest first."""
        return await self._batching.do(ledger_rows.unfinished)

    async def find(self, task_id: int) -> Task | None:
        """The task, while it is kept."""
        return await self._batching.do(lambda rows: ledger_rows.find(rows, "id = ?", task_id))

    async def of_answer(self, answer_id: str) -> Task | None:
        """The task that led to this answer, while it is kept."""
        return await self._batching.do(lambda rows: ledger_rows.find(rows, "answer_id = ?", answer_id))

    async def count_before(self, task: Task, seconds: float, user: str | None = None) -> tuple[int, float]:
        """How many questions were accepted within so many seconds before this one, and when the oldest was.

        user: only this one's. Questions that were not answered do not count.
        """
        return await self._batching.do(lambda rows: ledger_rows.count_before(rows, task, seconds, user))

    async def purge(self) -> int:
        """Forgets the tasks that are too old; how many."""
        oldest = self._clock() - max(self._keep_days, _LEAST_DAYS) * _A_DAY_S
        n_forgotten = await self._batching.do(lambda rows: ledger_rows.purge(rows, oldest))
        await asyncio.to_thread(self._database.scrub)
        return n_forgotten

    def close(self) -> None:
        """Ends the thread and closes the file."""
        self._batching.close()

    async def _purge_now_and_then(self) -> None:
        if self._clock() - self._purged_at >= _PURGE_EVERY_S:
            self._purged_at = self._clock()
            await self.purge()
