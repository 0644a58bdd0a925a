"""Process the ledger's questions until each has its reply.

The process may be killed at any instant: recorded steps are not repeated, and repeating the others does no
harm. A question is rerun only while its reply is not in the ledger.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from index.errors import StoreUnavailable
from service.slack.answering import Answerer, Interrupted
from service.slack.delivery import Delivery, UpdateRate
from service.slack.ledger import Ledger
from service.slack.posting import Posting
from service.slack.types import State, Task
from service.slack.web_api import SlackUnreachable, TokenGone

_MAX_IN_PROGRESS = 256  # they wait for the question queue, knowing their place; others wait in the ledger
_CHECK_EVERY_S = 30.0
_PAUSE_S = 20.0  # of a workspace that cannot be posted to at present
_PAUSE_AFTER_ERROR_S = 2.0
_GIVE_UP_AFTER_S = 2 * 86_400.0
_MAX_ATTEMPTS = 20  # the apology comes long before that, unless even it fails

_log = logging.getLogger(__name__)


class Worker:
    """Processor of the tasks of one ledger. Bound to one event loop."""

    def __init__(self, ledger: Ledger, posting: Posting, answerer: Answerer) -> None:
        self._ledger = ledger
        self._posting = posting
        self._answerer = answerer
        self._rate = UpdateRate()
        self._wake = asyncio.Event()
        self._in_progress: set[asyncio.Task[None]] = set()
        self._paused: dict[str, float] = {}  # by team, until when, in monotonic seconds
        self._is_stopping = False
        self._loop: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Signal that the ledger has new tasks."""
        self._wake.set()

    def start(self) -> None:
        """Process tasks until `stop`, first resuming those that an earlier process left."""
        self._loop = asyncio.create_task(self._run())

    async def _run(self) -> None:
        is_recovered = False
        while not self._is_stopping:
            self._wake.clear()
            try:
                if not is_recovered:
                    n = await asyncio.to_thread(self._ledger.recover)
                    is_recovered = True
                    if n:
                        _log.info("%d questions were left to be answered", n)
                await self._start_tasks()
            except Exception:  # outermost edge: accepted questions must be answered, whatever fails
                _log.exception("the questions cannot be read, it is tried again")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._next_check_s()):
                    await self._wake.wait()

    async def stop(self, grace_s: float, interrupt: Callable[[], None], to_give_up_s: float) -> None:
        """Start no more tasks and wait for those in progress; leave the rest to the next process.

        interrupt: called after `grace_s` to end answers in progress, which then have `to_give_up_s` left.
        """
        self._is_stopping = True
        self.wake()
        if self._loop:
            await self._loop
        if self._in_progress:
            await asyncio.wait(self._in_progress, timeout=grace_s)
        interrupt()
        if self._in_progress:
            await asyncio.wait(self._in_progress, timeout=to_give_up_s)
        for working in self._in_progress:
            working.cancel()
        await asyncio.gather(*self._in_progress, return_exceptions=True)

    async def _start_tasks(self) -> None:
        now = asyncio.get_running_loop().time()
        self._paused = {team: until for team, until in self._paused.items() if until > now}
        n_free = _MAX_IN_PROGRESS - len(self._in_progress)
        claimed = await asyncio.to_thread(self._ledger.claim, n_free, self._paused) if n_free > 0 else []
        for task in claimed:
            working = asyncio.create_task(self._work(task))
            self._in_progress.add(working)
            working.add_done_callback(self._remove)

    def _remove(self, working: asyncio.Task[None]) -> None:
        self._in_progress.discard(working)
        self.wake()

    def _next_check_s(self) -> float:
        now = asyncio.get_running_loop().time()
        return max(0.05, min([_CHECK_EVERY_S, *(until - now for until in self._paused.values())]))

    async def _work(self, task: Task) -> None:
        """Finish the task, or requeue it."""
        team, counts = task.incoming.team, False
        try:
            await self._finish(task)
            return
        except Interrupted:
            self._is_stopping = True
        except (TokenGone, SlackUnreachable) as error:
            if team not in self._paused:
                _log.error("workspace %s cannot be posted to, it is tried again: %s", team, error)
            self._pause(team, _PAUSE_S)
        except StoreUnavailable as error:
            _log.error("task %d waits: %s", task.id, error)
            self._pause(team, _PAUSE_AFTER_ERROR_S)
        except Exception:  # outermost edge of a task: retry it, in the end apologise
            _log.exception("task %d failed", task.id)
            self._pause(team, _PAUSE_AFTER_ERROR_S)
            counts = True
        try:
            await asyncio.to_thread(self._ledger.requeue, task, counts=counts)
        except StoreUnavailable as error:
            _log.error("task %d waits for the next start: %s", task.id, error)

    def _pause(self, team: str, seconds: float) -> None:
        self._paused[team] = asyncio.get_running_loop().time() + seconds

    async def _finish(self, task: Task) -> None:
        """Answer the question, or post the reply that was stored before a crash."""
        if task.attempts > _MAX_ATTEMPTS or time.time() - task.accepted_at > _GIVE_UP_AFTER_S:
            _log.error("task %d cannot be finished; it is given up", task.id)
            await asyncio.to_thread(self._ledger.finish, task, State.FAILED)
            return
        reply = task.reply
        if reply:
            delivery = self._delivery(task, is_private=reply.is_private)
        else:
            context = await self._answerer.context_of(task)
            delivery = self._delivery(task, is_private=context.is_private)
            reply = await self._answerer.reply_to(task, context, delivery)
            await asyncio.to_thread(self._ledger.store_reply, task, reply)
        is_seen = await delivery.conclude(reply.message)
        state = State.DONE if reply.answer_id and is_seen else State.FAILED
        await asyncio.to_thread(self._ledger.finish, task, state)

    def _delivery(self, task: Task, *, is_private: bool) -> Delivery:
        return Delivery(task, self._ledger, self._posting, self._rate, is_private=is_private)
