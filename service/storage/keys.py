"""Create, list, revoke and verify API keys, which are stored as hashes in the store's folder.

A key has 256 random bits and cannot be guessed, so plain SHA-256 suffices where a password would need a slow
hash, and a request costs no noticeable time.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.errors import StoreUnavailable
from service.errors import AnsweringError
from service.storage.database import Database
from service.storage.permissions import LOCAL_NAME, Caller, Scope

KEYS_FILE = "access.sqlite"
MAX_NAME_CHARS = 64
_MARK = "inyong"
_SECRET_BYTES = 32
_MAX_KEY_CHARS = 200  # a key has about 63; much longer ones are rejected unread
_USE_RECORDED_EVERY_S = 60

_SCHEMA = """
CREATE TABLE keys (
    id TEXT PRIMARY KEY,            -- the part of the key that finds its row; no secret
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,           -- of the whole key
    collections TEXT,               -- one a line; NULL: all there are and will be
    scopes TEXT NOT NULL,           -- one a line
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    revoked_at TEXT
) STRICT;
CREATE UNIQUE INDEX one_of_a_name ON keys (name) WHERE revoked_at IS NULL;
"""


class BadKeyRequest(AnsweringError):
    """A request to create an invalid key, or to revoke one that is not in use."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """The stored data of a key, never the key itself. Times are ISO 8601, UTC, to the second."""

    id: str
    name: str
    collections: frozenset[str] | None
    scopes: frozenset[Scope]
    created_at: str
    last_used_at: str | None
    revoked_at: str | None


class Keys:
    """The API keys of one store. Changes by another process apply from the next request on."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Defer opening the file to first use. clock: seconds, limits how often a use is recorded."""
        self._database = Database(
            home / KEYS_FILE,
            _SCHEMA,
            version=1,
            when_damaged="move it away and make the keys again with: inyong keys add",
        )
        self._clock = clock
        self._recorded: dict[str, float] = {}

    def required(self) -> bool:
        """Return whether requests need a key: once one was created, even if all are revoked.

        So revoking the last key denies access instead of opening it to everyone.
        """
        if not self._database.exists():
            return False
        with self._database.reading() as connection:
            return connection.execute("SELECT 1 FROM keys LIMIT 1").fetchone() is not None

    def add(self, name: str, collections: Iterable[str] | None, scopes: Iterable[Scope]) -> str:
        """Create and return a key, which cannot be read again later. collections: None for all.

        Raises BadKeyRequest.
        """
        _check_name(name)
        allowed, wanted = None if collections is None else frozenset(collections), frozenset(scopes)
        if allowed is not None and (not allowed or not all(map(_is_plain, allowed))):
            raise BadKeyRequest("a key needs collections with a name; leave them out to allow all")
        if not wanted:
            raise BadKeyRequest(f"a key needs a scope: {', '.join(scope.value for scope in Scope)}")
        ident = secrets.token_hex(6)
        key = f"{_MARK}_{ident}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        with self._database.writing() as connection:
            if connection.execute(
                "SELECT 1 FROM keys WHERE name = ? AND revoked_at IS NULL", (name,)
            ).fetchone():
                raise BadKeyRequest(
                    f"{name}: a key of this name is in use; choose another name, or first run: "
                    f"inyong keys revoke {name}"
                )
            connection.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
                (
                    ident,
                    name,
                    _digest(key),
                    None if allowed is None else "\n".join(sorted(allowed)),
                    "\n".join(sorted(scope.value for scope in wanted)),
                    _now(),
                ),
            )
        return key

    def revoke(self, name: str) -> StoredKey:
        """Revoke the key with this name or id, also in a running server. Raises BadKeyRequest."""
        found = next((key for key in self.known() if name in (key.name, key.id) and not key.revoked_at), None)
        if found is None:
            raise BadKeyRequest(f"{name}: no key of this name is in use; see: inyong keys list")
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (_now(), found.id)
            )
        return found

    def known(self) -> list[StoredKey]:
        """Return all keys ever created, oldest first."""
        if not self._database.exists():
            return []
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id, name, collections, scopes, created_at, last_used_at, revoked_at FROM keys"
                " ORDER BY created_at, rowid"
            ).fetchall()
        return [StoredKey(row[0], row[1], _collections(row[2]), _scopes(row[3]), *row[4:]) for row in rows]

    def verify(self, key: str) -> Caller | None:
        """Return the holder of this key, or None if it is unknown or revoked."""
        mark, _, rest = key.partition("_")
        ident, _, secret = rest.partition("_")
        if mark != _MARK or not secret or len(key) > _MAX_KEY_CHARS or not self._database.exists():
            return None
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT sha256, name, collections, scopes FROM keys WHERE id = ? AND revoked_at IS NULL",
                (ident,),
            ).fetchone()
        # Compared even if there is no such key, so that timing does not reveal which ids exist.
        matches = hmac.compare_digest(_digest(key), row[0] if row else _digest(""))
        if row is None or not matches:
            return None
        self._record_use(ident)
        return Caller(row[1], _collections(row[2]), _scopes(row[3]), ident)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _record_use(self, ident: str) -> None:
        now = self._clock()
        if now - self._recorded.get(ident, float("-inf")) < _USE_RECORDED_EVERY_S:
            return
        self._recorded[ident] = now
        try:
            with self._database.writing() as connection:
                connection.execute("UPDATE keys SET last_used_at = ? WHERE id = ?", (_now(), ident))
        except StoreUnavailable:
            pass  # a full or busy disk must not reject a valid key; retried after a minute


def _check_name(name: str) -> None:
    if not _is_plain(name) or len(name) > MAX_NAME_CHARS:
        raise BadKeyRequest(
            f"{name!r} cannot name a key; use 1 to {MAX_NAME_CHARS} printable characters without a space "
            "before or after"
        )
    if name == LOCAL_NAME:
        raise BadKeyRequest(f"{name}: this name stands for whoever asks without a key; choose another")


def _is_plain(text: str) -> bool:
    return bool(text) and text == text.strip() and text.isprintable()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _collections(stored: str | None) -> frozenset[str] | None:
    return None if stored is None else frozenset(stored.split("\n"))


def _scopes(stored: str) -> frozenset[Scope]:
    return frozenset(map(Scope, stored.split("\n")))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
