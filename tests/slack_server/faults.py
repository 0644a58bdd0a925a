"""What goes wrong on Slack's side when a test wants it to, and the rate limits that Slack documents."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from time import monotonic
from typing import Literal

How = Literal["ratelimited", "server_error", "lost_answer", "lost_request", "hang"]

# https://docs.slack.dev/apis/web-api/rate-limits: how many at once, and how many a second from then on;
# chat.postMessage counts by channel, all others by workspace.
SLACKS_LIMITS: Mapping[str, tuple[int, float]] = {
    "chat.postMessage": (4, 1.0),
    "chat.update": (20, 50 / 60),
    "chat.postEphemeral": (20, 100 / 60),
    "reactions.add": (20, 50 / 60),
    "reactions.remove": (10, 20 / 60),
    "views.open": (20, 100 / 60),
    "conversations.replies": (1, 1 / 60),
}


@dataclass(slots=True)
class Fault:
    """Something that goes wrong with calls of a method.

    method: a pattern such as "chat.*"; "response_url" stands for posts to one. how: one of the ways above, or
    an error code of Slack's. "lost_answer" does what was asked and breaks the connection, "lost_request"
    breaks it before, "hang" answers after `seconds`. seconds: of Retry-After too. channel: only there.
    times: how often.
    """

    method: str
    how: How | str
    times: int = 1
    seconds: float = 1.0
    status: int = 503
    channel: str | None = None


class Faults:
    """The faults still to come. Safe to share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: list[Fault] = []
        self._limits: Mapping[str, tuple[int, float]] = {}
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def add(self, fault: Fault) -> None:
        """Happens to the next calls that it fits."""
        with self._lock:
            self._coming.append(fault)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._coming.clear()

    def enforce(self, limits: Mapping[str, tuple[int, float]] = SLACKS_LIMITS) -> None:
        """From now on calls beyond these rates are refused."""
        with self._lock:
            self._limits = limits
            self._buckets.clear()

    def next(self, method: str, team: str, channel: str | None) -> Fault | None:
        """What happens to this call."""
        with self._lock:
            for fault in self._coming:
                if fnmatch(method, fault.method) and fault.channel in (None, channel):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._coming.remove(fault)
                    return fault
            return self._over_the_limit(method, f"{team}/{channel}" if method == "chat.postMessage" else team)

    def _over_the_limit(self, method: str, place: str) -> Fault | None:
        if method not in self._limits:
            return None
        burst, rate = self._limits[method]
        now = monotonic()
        left, at = self._buckets.get((method, place), (float(burst), now))
        left = min(float(burst), left + (now - at) * rate)
        if left < 1:
            self._buckets[method, place] = (left, now)
            return Fault(method, "ratelimited", seconds=(1 - left) / rate)
        self._buckets[method, place] = (left - 1, now)
        return None
