"""Store answers, the versions that produced them, and user feedback.

An answer belongs to the API key that asked for it; no other key can read it.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from service.answering.types import Answer, Turn
from service.errors import AnsweringError
from service.schemas import answer_as_json
from service.storage.database import Database
from service.storage.permissions import Caller

ARCHIVE_FILE = "answers.sqlite"
MAX_COMMENT_CHARS = 4000

_SCHEMA = """
CREATE TABLE answers (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,            -- id of the key that asked; a name may belong to another key later
    caller TEXT NOT NULL,           -- its name
    asked_at TEXT NOT NULL,
    collections TEXT NOT NULL,      -- of every passage in the answer, a JSON list
    history TEXT NOT NULL,          -- earlier turns: pairs of role and content
    versions TEXT NOT NULL,         -- of index, models and prompt
    answer TEXT NOT NULL            -- as JSON, as it was given
) STRICT;
CREATE INDEX answers_by_time ON answers (asked_at);
CREATE TABLE feedback (
    answer_id TEXT PRIMARY KEY REFERENCES answers (id) ON DELETE CASCADE,
    rating TEXT NOT NULL,
    comment TEXT NOT NULL,
    given_at TEXT NOT NULL
) STRICT;
"""


class UnknownAnswer(AnsweringError):
    """No stored answer with this id for this caller."""


class Rating(Enum):
    """A user's rating of an answer."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A user's feedback on an answer; the latest counts. given_at: ISO 8601, UTC."""

    rating: Rating
    comment: str
    given_at: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A stored answer. body: its JSON; versions: of index, "llm", "embedding", "prompt"."""

    id: str
    caller: str
    asked_at: str
    history: tuple[Turn, ...]
    versions: Mapping[str, str]
    body: Mapping[str, Any]
    feedback: Feedback | None


class Archive:
    """The stored answers of one store. Thread-safe."""

    def __init__(self, home: Path, keep_days: int, max_bytes: int = 1_000_000_000) -> None:
        """Defer opening the file to first use. keep_days: 0 stores nothing. max_bytes: of all answers."""
        self._database = Database(
            home / ARCHIVE_FILE, _SCHEMA, version=1, when_damaged="move it away; a new one is begun"
        )
        self._keep_days = keep_days
        self._max_bytes = max_bytes

    def keep(
        self,
        answer: Answer,
        caller: Caller,
        *,
        history: Sequence[Turn] = (),
        index: Mapping[str, str] | None = None,
    ) -> None:
        """Store an answer, on disk when this returns, and delete expired ones. Raises StoreUnavailable.

        index: identifiers of the index's version, by name.
        """
        if not self._keep_days:
            return
        seen = {hit.collection for hit in answer.passages}
        row = (
            answer.id,
            caller.id,
            caller.name,
            _now().isoformat(),
            json.dumps(sorted(seen), ensure_ascii=False),
            json.dumps([[turn.role, turn.content] for turn in history], ensure_ascii=False),
            json.dumps({**(index or {}), **asdict(answer.models)}, ensure_ascii=False),
            json.dumps(answer_as_json(answer), ensure_ascii=False),
        )
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [_storable(value) for value in row]
            )
            n_expired = _delete(connection, _EXPIRED, self._oldest())
            while _used_bytes(connection) > self._max_bytes:
                if not _delete(connection, _OLDEST, answer.id):
                    break
        if n_expired:
            self._database.scrub()

    def find(self, answer_id: str, caller: Caller) -> KeptAnswer:
        """Return an answer given to this caller. Raises UnknownAnswer if it may not or cannot be shown."""
        if self._database.exists():
            with self._database.reading() as connection:
                row = connection.execute(
                    f"SELECT {_COLUMNS}, answers.collections FROM {_TABLES}"
                    " WHERE answers.id = ? AND owner = ? AND asked_at >= ?",
                    (_storable(answer_id), caller.id, self._oldest()),
                ).fetchone()
            if row and all(map(caller.sees, json.loads(row[-1]))):
                return _kept(row)
        raise UnknownAnswer("no such answer: it was given to someone else, or is no longer stored")

    def add_feedback(self, answer_id: str, caller: Caller, rating: Rating, comment: str = "") -> None:
        """Record the caller's feedback on its answer, replacing earlier feedback. Raises UnknownAnswer."""
        found = self.find(answer_id, caller)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO feedback SELECT id, ?, ?, ? FROM answers WHERE id = ?",
                (rating.value, _storable(comment), _now().isoformat(), found.id),
            )

    def rated(self) -> Iterator[KeptAnswer]:
        """Yield every rated answer, of all callers, oldest first; for the operator."""
        if not self._database.exists():
            return
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM {_TABLES} WHERE rating IS NOT NULL AND asked_at >= ?"
                " ORDER BY asked_at, answers.id",
                (self._oldest(),),
            ).fetchall()
        yield from map(_kept, rows)

    def purge(self) -> int:
        """Delete expired answers with their feedback; return the number of answers deleted."""
        if not self._database.exists():
            return 0
        with self._database.writing() as connection:
            n_deleted = _delete(connection, _EXPIRED, self._oldest())
        self._database.scrub()
        return n_deleted

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _oldest(self) -> str:
        """Return the expiry time; older answers are not shown, whether purged or not."""
        return (_now() - timedelta(days=self._keep_days)).isoformat()


_EXPIRED = "SELECT id FROM answers WHERE asked_at < ?"
# But the newest; of about 20 kB each, so that little of a full gigabyte is lost at a time.
_OLDEST = "SELECT id FROM answers WHERE id != ? ORDER BY asked_at, rowid LIMIT 20"


def _delete(connection: sqlite3.Connection, which: str, value: str) -> int:
    """Delete the answers whose ids the query selects, with their feedback; return how many."""
    connection.execute(f"DELETE FROM feedback WHERE answer_id IN ({which})", (value,))
    return connection.execute(f"DELETE FROM answers WHERE id IN ({which})", (value,)).rowcount


def _used_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes in use, without the free pages that deletions left."""
    size, pages, free = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_size", "page_count", "freelist_count")
    )
    return int(size * (pages - free))


_TABLES = "answers LEFT JOIN feedback ON answer_id = answers.id"
_COLUMNS = "answers.id, caller, asked_at, history, versions, answer, rating, comment, given_at"
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _kept(row: Sequence[Any]) -> KeptAnswer:
    ident, caller, asked_at, history, versions, answer, rating, comment, given_at = row[:9]
    return KeptAnswer(
        id=ident,
        caller=caller,
        asked_at=asked_at,
        history=tuple(Turn(role, content) for role, content in json.loads(history)),
        versions=json.loads(versions),
        body=json.loads(answer),
        feedback=Feedback(Rating(rating), comment, given_at) if rating else None,
    )


def _storable(text: str) -> str:
    """Replace lone surrogates, which JSON can contain and SQLite rejects."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _now() -> datetime:
    return datetime.now(UTC)
