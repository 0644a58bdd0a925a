"""How many questions are answered at once; the others stand in line, in fair turns, and know their place."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class _Waiting:
    turn: asyncio.Future[None]
    on_position: Callable[[int], None]


class Gate:
    """A line for every asker; one after the other sends in its oldest. Of one event loop."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._n_inside = 0
        self._lines: dict[str, deque[_Waiting]] = {}  # the one whose turn is next first

    @asynccontextmanager
    async def entered(self, asker: str, on_position: Callable[[int], None]) -> AsyncIterator[None]:
        """Inside. on_position: told the place in the queue, from 1, while there is a wait."""
        await self._enter(asker, on_position)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, asker: str, on_position: Callable[[int], None]) -> None:
        if self._n_inside < self._places:  # then nobody waits
            self._n_inside += 1
            return
        waiting = _Waiting(asyncio.get_running_loop().create_future(), on_position)
        self._lines.setdefault(asker, deque()).append(waiting)
        self._tell_positions()
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled():  # let in at the same moment
                self._leave()
            else:
                self._remove(asker, waiting)
            raise

    def _leave(self) -> None:
        self._n_inside -= 1
        if self._lines:
            asker = next(iter(self._lines))
            line = self._lines.pop(asker)
            line.popleft().turn.set_result(None)
            self._n_inside += 1
            if line:
                self._lines[asker] = line  # behind everybody else
            self._tell_positions()

    def _remove(self, asker: str, waiting: _Waiting) -> None:
        line = self._lines[asker]
        line.remove(waiting)
        if not line:
            del self._lines[asker]

    def _tell_positions(self) -> None:
        """In the order of their turns: everybody's first, then everybody's second, and so on."""
        order = sorted(
            (nth, n, waiting)
            for n, line in enumerate(self._lines.values())
            for nth, waiting in enumerate(line)
        )
        for place, (_, _, waiting) in enumerate(order, self._n_inside + 1):
            waiting.on_position(place)
