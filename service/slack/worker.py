"""Takes questions out of the ledger, in fair turns, until each has its visible end.

The process may be killed at any instant: what was noted by then is not done again, what was not noted does
no harm when it is. A question is asked again only while its answer is not in the ledger.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from index.errors import StoreUnavailable
from service.slack.calling import SlackUnreachable, TokenGone
from service.slack.ledger import Ledger
from service.slack.narration import InThread, Narration
from service.slack.pacing import Pace
from service.slack.posting import Posting
from service.slack.replying import PutBack, Replier
from service.slack.to_asker import ToAsker
from service.slack.told import Told
from service.slack.types import State, Task

_MOST_IN_HAND = 256  # tasks that have been begun; the others wait in the ledger
_LOOK_AGAIN_S = 30.0
_PAUSE_S = 20.0  # of a workspace that cannot be posted to just now
_PAUSE_AFTER_ERROR_S = 2.0
_GIVE_UP_AFTER_S = 2 * 86_400.0
_MOST_ATTEMPTS = 20  # long before that it has been apologised for, unless even that fails

_log = logging.getLogger(__name__)


class Worker:
    """Works on the tasks of one ledger. Of one event loop."""

    def __init__(self, ledger: Ledger, posting: Posting, replier: Replier, pace: Pace | None = None) -> None:
        self._ledger = ledger
        self._posting = posting
        self._replier = replier
        self._pace = pace or Pace()
        self._news = asyncio.Event()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._paused: dict[str, float] = {}  # teams, until when, in monotonic seconds
        self._is_stopping = False
        self._at_rest = asyncio.Event()  # nothing will be begun any more
        self._at_rest.set()

    def wake(self) -> None:
        """There is something new in the ledger."""
        self._news.set()

    async def run(self) -> None:
        """Works until `stop`; first goes on with what a process that is gone has left."""
        is_recovered = False
        self._at_rest.clear()
        while not self._is_stopping:
            self._news.clear()
            try:
                if not is_recovered:
                    n = await self._ledger.recover()
                    is_recovered = True
                    if n:
                        _log.info("%d questions were left to be answered", n)
                await self._begin_tasks()
            except Exception:  # the outermost edge: whatever it is, what was accepted is to be answered
                _log.exception("the questions cannot be read, it is tried again")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._next_look_s()):
                    await self._news.wait()
        self._at_rest.set()

    async def stop(self, grace_s: float, interrupt: Callable[[], None], to_give_up_s: float) -> None:
        """Begins nothing any more and waits for what is under way; the rest is for the next process.

        interrupt: called after the time of grace to end what is being answered, which then has a little more.
        """
        self._is_stopping = True
        self.wake()
        await self._at_rest.wait()
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=grace_s)
        interrupt()
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=to_give_up_s)
        for working in self._in_hand:
            working.cancel()
        await asyncio.gather(*self._in_hand, return_exceptions=True)

    async def _begin_tasks(self) -> None:
        now = asyncio.get_running_loop().time()
        self._paused = {team: until for team, until in self._paused.items() if until > now}
        room = _MOST_IN_HAND - len(self._in_hand)
        for task in await self._ledger.claim(room, self._paused) if room > 0 else ():
            working = asyncio.create_task(self._work(task))
            self._in_hand.add(working)
            working.add_done_callback(self._put_down)

    def _put_down(self, working: asyncio.Task[None]) -> None:
        self._in_hand.discard(working)
        self.wake()

    def _next_look_s(self) -> float:
        now = asyncio.get_running_loop().time()
        return max(0.05, min([_LOOK_AGAIN_S, *(until - now for until in self._paused.values())]))

    async def _work(self, task: Task) -> None:
        """Brings the task to its end, or back into the ledger."""
        counts = False
        try:
            await self._bring_to_its_end(task)
            return
        except PutBack:
            self._is_stopping = True
        except (TokenGone, SlackUnreachable) as error:
            if task.incoming.team not in self._paused:
                _log.error(
                    "workspace %s cannot be posted to, it is tried again: %s", task.incoming.team, error
                )
            self._pause(task.incoming.team, _PAUSE_S)
        except StoreUnavailable as error:
            _log.error("task %d waits: %s", task.id, error)
            self._pause(task.incoming.team, _PAUSE_AFTER_ERROR_S)
        except Exception:  # the outermost edge of a task: it is tried again, then apologised for
            _log.exception("task %d failed", task.id)
            self._pause(task.incoming.team, _PAUSE_AFTER_ERROR_S)
            counts = True
        try:
            await self._ledger.put_back(task, counts=counts)
        except StoreUnavailable as error:
            _log.error("task %d waits for the next start: %s", task.id, error)

    def _pause(self, team: str, seconds: float) -> None:
        self._paused[team] = asyncio.get_running_loop().time() + seconds

    async def _bring_to_its_end(self, task: Task) -> None:
        if task.attempts > _MOST_ATTEMPTS or time.time() - task.accepted_at > _GIVE_UP_AFTER_S:
            _log.error("task %d cannot be brought to an end; it is given up", task.id)
            await self._ledger.finish(task, State.FAILED)
            return
        setting = await self._replier.setting_of(task)
        is_private = task.is_private if task.reply else setting.alone
        narration = self._narration(task, is_private=is_private)
        if task.reply:  # known before a crash, and perhaps posted in part
            reply, state = task.reply, State.DONE if task.answer_id else State.FAILED
        else:
            ending = await self._replier.ending_of(task, setting, narration)
            reply, state = ending.reply, State.DONE if ending.answer_id else State.FAILED
            await self._ledger.settle(
                task, reply, is_private=is_private, answer_id=ending.answer_id, turn=ending.turn
            )
        is_seen = await narration.conclude(reply)
        await self._ledger.finish(task, state if is_seen else State.FAILED)

    def _narration(self, task: Task, *, is_private: bool) -> Narration:
        told = Told(task, self._ledger, self._posting)
        return ToAsker(told, self._pace) if is_private else InThread(told, self._pace)
