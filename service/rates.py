"""How often each caller may come: a bucket of permits, filled again as time passes."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST_CALLERS = 10_000  # who has not come for longest is forgotten first, and begins with a full bucket


@dataclass(slots=True)
class _Bucket:
    permits: float
    seen_at: float


class RateLimiter:
    """At most so many requests a minute from each caller, in one burst or spread. Safe to share."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """per_minute: 0 for any number. clock: seconds."""
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()  # who came last stands at the end
        self._lock = threading.Lock()

    def take(self, caller_id: str) -> int:
        """Takes a permit and returns 0, or, when there is none, returns the seconds until there is one."""
        if not self._per_minute:
            return 0
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(caller_id, _Bucket(self._per_minute, now))
            refill = (now - bucket.seen_at) * self._per_minute / 60
            bucket.permits = min(self._per_minute, bucket.permits + refill)
            bucket.seen_at = now
            self._buckets.move_to_end(caller_id)
            if len(self._buckets) > _MOST_CALLERS:
                self._buckets.popitem(last=False)
            if bucket.permits >= 1:
                bucket.permits -= 1
                return 0
            return max(1, math.ceil((1 - bucket.permits) * 60 / self._per_minute))

    def give_back(self, caller_id: str) -> None:
        """Returns a permit that was taken and not needed."""
        with self._lock:
            if bucket := self._buckets.get(caller_id):
                bucket.permits = min(self._per_minute, bucket.permits + 1)
