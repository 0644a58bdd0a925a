"""A circuit breaker: after several failures in a row nothing is asked for a while, then one try decides."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Whether a server may be asked. Closed at first; safe to share between threads.

    It opens after `most_failures` in a row. Then one call every `rest_s` seconds is let through as a trial;
    the first success closes it again. A trial that never reports back is followed by another.
    """

    def __init__(
        self, *, most_failures: int = 5, rest_s: float = 15.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most_failures = most_failures
        self._rest_s = rest_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._tried_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the last calls all failed, so that only trials are let through."""
        return self._failures >= self.most_failures

    def admit(self) -> float:
        """Seconds until a call may be made; 0: make it now, and report how it went."""
        with self._lock:
            if not self.is_open:
                return 0.0
            wait_s = self._tried_at + self._rest_s - self._clock()
            if wait_s > 0:
                return wait_s
            self._tried_at = self._clock()
            return 0.0

    def succeed(self) -> None:
        """The server answered, be it with a refusal."""
        with self._lock:
            self._failures = 0

    def fail(self) -> None:
        """The server could not be reached, kept silent, or answered with nonsense."""
        with self._lock:
            self._failures += 1
            self._tried_at = self._clock()
