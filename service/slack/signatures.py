"""Whether a request comes from Slack, now and for the first time.

Slack signs what it sends with a secret of the app, and the time with it. Its own repetitions are signed anew,
so a signature that was answered before comes from somebody who recorded it.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from time import time

_GOOD_FOR_S = 300.0  # as Slack recommends
_MOST_KNOWN = 100_000


class Signatures:
    """What was signed in the last minutes. Of one event loop."""

    def __init__(self, secret: str, clock: Callable[[], float] = time) -> None:
        """clock: seconds since 1970."""
        self._secret = secret.encode()
        self._clock = clock
        self._answered: OrderedDict[str, float] = OrderedDict()  # until when it would be good

    def proves(self, body: bytes, timestamp: str, signature: str) -> bool:
        """Whether Slack signed this body within the last five minutes, and it was not answered before."""
        is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
        if not is_number or abs(self._clock() - int(timestamp)) > _GOOD_FOR_S:
            return False
        digest = hmac.new(self._secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v0={digest}".encode(), signature.encode("utf-8", "replace")):
            return False
        return signature not in self._answered

    def note_answered(self, signature: str) -> None:
        """The request with this signature was answered; one that failed may come again."""
        now = self._clock()
        while self._answered and (
            len(self._answered) >= _MOST_KNOWN or next(iter(self._answered.values())) < now
        ):
            self._answered.popitem(last=False)
        self._answered[signature] = now + 2 * _GOOD_FOR_S  # it may be dated five minutes ahead
