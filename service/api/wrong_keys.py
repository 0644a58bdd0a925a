"""Addresses that show one wrong key after the other are held off; a key that was right lately is not.

Many may share an address, behind a proxy or an office's router: whoever guesses there must not shut out
those who hold a key.
"""

import hashlib
import ipaddress
import threading
from collections import OrderedDict

from service.rates import RateLimiter

WRONG_KEYS_PER_MINUTE = 30  # from one address; a slip, or a page left open with a revoked key, makes a few
_MOST_RIGHT_KEYS = 1000
_MOST_ADDRESS_CHARS = 64


class WrongKeys:
    """How many wrong keys came from where. Bounded in memory, safe to share."""

    def __init__(self, attempts: RateLimiter | None = None) -> None:
        """attempts: how many each address has."""
        self._attempts = attempts or RateLimiter(WRONG_KEYS_PER_MINUTE)
        self._right: OrderedDict[bytes, None] = OrderedDict()  # hashes, the one shown last at the end
        self._lock = threading.Lock()

    def begin(self, address: str, key: str) -> int:
        """Takes one of the address's attempts and returns 0, or the seconds until it has one again."""
        with self._lock:
            if _digest(key) in self._right:
                return 0
        return self._attempts.take(_place(address))

    def was_right(self, address: str, key: str) -> None:
        """Gives the attempt back; from now on this key passes from anywhere, to be checked as ever."""
        with self._lock:
            is_new = _digest(key) not in self._right
            self._right[_digest(key)] = None
            self._right.move_to_end(_digest(key))
            if len(self._right) > _MOST_RIGHT_KEYS:
                self._right.popitem(last=False)
        if is_new:
            self._attempts.give_back(_place(address))

    def was_wrong(self, key: str) -> None:
        """The key is none, or no longer one."""
        with self._lock:
            self._right.pop(_digest(key), None)


def _place(address: str) -> str:
    """What one person usually has: an address of IPv4, the first half of one of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:_MOST_ADDRESS_CHARS]
    if isinstance(parsed, ipaddress.IPv6Address) and not parsed.ipv4_mapped:
        return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
