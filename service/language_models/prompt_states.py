"""Cache a model's states after the fixed prefixes of prompts, in memory and on disk.

States are opaque bytes; a lost one costs the time to compute it again.
"""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path


class Prefixes:
    """States by the tokens that they follow. Not thread-safe."""

    def __init__(self, folder: Path | None, fingerprint: str) -> None:
        """folder: None for memory only. fingerprint: of everything that a state depends on but its tokens."""
        self._folder = folder
        self._fingerprint = fingerprint
        self._states: dict[tuple[int, ...], bytes] = {}

    def find(self, tokens: tuple[int, ...]) -> bytes | None:
        """Return the state after exactly these tokens, read from disk the first time."""
        if tokens not in self._states:
            state = self._read(tokens)
            if state is None:
                return None
            self._states[tokens] = state
        return self._states[tokens]

    def keep(self, tokens: tuple[int, ...], state: bytes) -> None:
        """Store a state in memory and, if possible, on disk."""
        self._states[tokens] = state
        path = self._path_of(tokens)
        if path is None or not state:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            partial.write_bytes(zlib.crc32(state).to_bytes(4, "little") + state)
            partial.replace(path)
        except OSError:
            return  # the cache only saves time

    def longest_of(self, prompt: Sequence[int]) -> tuple[int, ...]:
        """Return the longest prefix of the prompt whose state is in memory; empty if there is none."""
        return max(
            (tokens for tokens in self._states if tuple(prompt[: len(tokens)]) == tokens),
            key=len,
            default=(),
        )

    def _path_of(self, tokens: tuple[int, ...]) -> Path | None:
        if self._folder is None:
            return None
        digest = hashlib.sha256(f"{self._fingerprint} {tokens}".encode()).hexdigest()[:24]
        return self._folder / f"{digest}.state"

    def _read(self, tokens: tuple[int, ...]) -> bytes | None:
        path = self._path_of(tokens)
        try:
            data = path.read_bytes() if path else b""
        except OSError:
            return None
        state = data[4:]
        return state if state and zlib.crc32(state).to_bytes(4, "little") == data[:4] else None


def n_shared(one: Iterable[int], other: Iterable[int]) -> int:
    """Return the length of the common prefix."""
    shared = 0
    for token, another in zip(one, other, strict=False):
        if token != another:
            break
        shared += 1
    return shared
