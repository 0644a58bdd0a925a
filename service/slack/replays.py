"""Requests of Slack that were answered already, so that whoever recorded one cannot send it again.

Slack's own repetitions are signed anew. A signature is good for five minutes, and not known for much longer.
"""

from collections import OrderedDict
from collections.abc import Callable
from time import time

GOOD_FOR_S = 300.0
_MOST = 100_000


class Replays:
    """The signatures of the last minutes. Of one event loop."""

    def __init__(self, clock: Callable[[], float] = time) -> None:
        """clock: seconds since 1970."""
        self._clock = clock
        self._seen: OrderedDict[str, float] = OrderedDict()  # when it stops being good

    def is_current(self, timestamp: str) -> bool:
        """Whether the request was signed within the last five minutes."""
        return timestamp.isdecimal() and abs(self._clock() - int(timestamp[:12])) <= GOOD_FOR_S

    def is_known(self, signature: str) -> bool:
        """Whether a request with this signature was answered before."""
        return signature in self._seen

    def note(self, signature: str) -> None:
        """A request with this signature was answered."""
        now = self._clock()
        while self._seen and (len(self._seen) >= _MOST or next(iter(self._seen.values())) < now):
            self._seen.popitem(last=False)
        self._seen[signature] = now + 2 * GOOD_FOR_S  # it may have been signed five minutes ahead
