"""Answers that were given, with what made them, and what their readers thought of them.

An answer is its asker's alone: it is found again with the key that asked, and no other.
"""

import json
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from service.access import Caller
from service.database import Database
from service.errors import AnsweringError
from service.schemas import answer_as_json
from service.types import Answer, Turn

ARCHIVE_FILE = "answers.sqlite"
MOST_COMMENT_CHARS = 4000
_PURGE_EVERY = timedelta(hours=1)
_FORGOTTEN_AT_ONCE = 20  # an answer has some 20 kB, so that of a full gigabyte little is lost at a time

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
    """No answer of this id was given to this caller, or it is no longer kept."""


class Rating(Enum):
    """What a reader thought of an answer."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A reader's word on an answer; the last one counts. given_at: ISO 8601, UTC."""

    rating: Rating
    comment: str
    given_at: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was given. body: its JSON; versions: of index, "llm", "embedding", "prompt"."""

    id: str
    caller: str
    asked_at: str
    history: tuple[Turn, ...]
    versions: Mapping[str, str]
    body: Mapping[str, Any]
    feedback: Feedback | None


class Archive:
    """The kept answers of one store. Safe to share."""

    def __init__(self, home: Path, keep_days: int, most_bytes: int = 1_000_000_000) -> None:
        """Opens nothing yet. keep_days: how long answers are kept; 0: they are not. most_bytes: of all."""
        self._database = Database(
            home / ARCHIVE_FILE, _SCHEMA, version=1, when_damaged="move it away; a new one is begun"
        )
        self._keep_days = keep_days
        self._most_bytes = most_bytes
        self._purged_at = datetime.min.replace(tzinfo=UTC)
        self._purging = threading.Lock()

    def keep(
        self,
        answer: Answer,
        caller: Caller,
        *,
        history: Sequence[Turn] = (),
        index: Mapping[str, str] | None = None,
    ) -> None:
        """Keeps an answer that was given; on disk when this returns. Raises StoreUnavailable.

        index: what is to be remembered of the index's version, by name.
        """
        if not self._keep_days:
            return
        seen = {hit.collection for hit in answer.passages} | {s.hit.collection for s in answer.sentences}
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
            self._make_room(connection)
        self._purge_now_and_then()

    def find(self, answer_id: str, caller: Caller) -> KeptAnswer:
        """The answer that was given to this caller. Raises UnknownAnswer, whatever the reason."""
        if self._database.exists():
            with self._database.reading() as connection:
                row = connection.execute(
                    f"SELECT {_COLUMNS}, answers.collections FROM {_TABLES}"
                    " WHERE answers.id = ? AND owner = ? AND asked_at >= ?",
                    (_storable(answer_id), caller.id, self._oldest()),
                ).fetchone()
            if row and all(map(caller.sees, json.loads(row[-1]))):
                return _kept(row)
        raise UnknownAnswer("no such answer: it was given to someone else, or is no longer kept")

    def add_feedback(self, answer_id: str, caller: Caller, rating: Rating, comment: str = "") -> None:
        """Records what the caller thinks by now of an answer it got. Raises UnknownAnswer."""
        found = self.find(answer_id, caller)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO feedback SELECT id, ?, ?, ? FROM answers WHERE id = ?",
                (rating.value, _storable(comment), _now().isoformat(), found.id),
            )

    def rated(self) -> Iterator[KeptAnswer]:
        """Every answer that somebody rated, the oldest first; for whoever runs the service."""
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
        """Forgets the answers that are too old, with their feedback; how many."""
        if not self._database.exists():
            return 0
        with self._database.writing() as connection:
            n_forgotten = _forget(connection, "SELECT id FROM answers WHERE asked_at < ?", self._oldest())
        self._database.scrub()
        return n_forgotten

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def _make_room(self, connection: sqlite3.Connection) -> None:
        """Forgets the oldest answers while all take more than they may; the newest one stays."""
        while _used_bytes(connection) > self._most_bytes:
            (count,) = connection.execute("SELECT count(*) FROM answers").fetchone()
            oldest = "SELECT id FROM answers ORDER BY asked_at, rowid LIMIT ?"
            if not _forget(connection, oldest, min(_FORGOTTEN_AT_ONCE, count - 1)):
                return

    def _oldest(self) -> str:
        """The time since which answers count; what is older is not shown, purged or not."""
        return (_now() - timedelta(days=self._keep_days)).isoformat()

    def _purge_now_and_then(self) -> None:
        with self._purging:
            if _now() - self._purged_at < _PURGE_EVERY:
                return
            self._purged_at = _now()
        self.purge()


def _forget(connection: sqlite3.Connection, which: str, value: str | int) -> int:
    """Forgets the answers whose ids the query gives, with their feedback; how many."""
    connection.execute(f"DELETE FROM feedback WHERE answer_id IN ({which})", (value,))
    return connection.execute(f"DELETE FROM answers WHERE id IN ({which})", (value,)).rowcount


def _used_bytes(connection: sqlite3.Connection) -> int:
    """What the file holds, without the room that deletions left for what comes."""
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
    """The text without half characters, which JSON can bring and SQLite does not take."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _now() -> datetime:
    return datetime.now(UTC)
