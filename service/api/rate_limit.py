"""Rate limit per caller: a token bucket, refilled over time."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    updated_at: float


class RateLimiter:
    """A limit on the requests per minute of each API key, in one burst or spread. Thread-safe."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """per_minute: 0 for no limit. clock: in seconds."""
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}  # as many as there are keys
        self._lock = threading.Lock()

    def take(self, caller_id: str) -> int:
        """Take a token and return 0, or return the seconds until there is one."""
        if not self._per_minute:
            return 0
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(caller_id, _Bucket(self._per_minute, now))
            refill = (now - bucket.updated_at) * self._per_minute / 60
            bucket.tokens = min(self._per_minute, bucket.tokens + refill)
            bucket.updated_at = now
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0
            return max(1, math.ceil((1 - bucket.tokens) * 60 / self._per_minute))
