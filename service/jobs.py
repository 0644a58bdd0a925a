"""Uploads that were accepted, as rows: what waits, what is done, what went wrong; nothing of their bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from index.origin import upload_id
from service.database import Database

_KEEP_FINISHED = timedelta(days=7)

_SCHEMA = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,   -- the order in which they came; never told to anybody
    id TEXT NOT NULL UNIQUE,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,                  -- begun and neither finished nor given back
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE INDEX jobs_by_document ON jobs (collection, key, state);
"""


class JobState(Enum):
    """Where an upload is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """An upload on its way. reason: why it failed, or what it waits for. progress: in [0, 1]."""

    id: str
    collection: str
    key: str
    name: str
    sha256: str
    state: JobState
    reason: str = ""
    attempts: int = 0
    progress: float = 0.0

    @property
    def document_id(self) -> str:
        """Of the document that it becomes."""
        return upload_id(self.collection, self.key)


@dataclass(frozen=True, slots=True)
class NewJob:
    """An upload about to be accepted; size in bytes."""

    collection: str
    key: str
    name: str
    sha256: str
    size: int


class Jobs:
    """The rows. Each method is one short transaction; all raise StoreUnavailable."""

    def __init__(self, path: Path) -> None:
        self._database = Database(
            path, _SCHEMA, version=1, when_damaged="move it away and send the documents again"
        )

    def add(self, ident: str, new: NewJob, state: JobState) -> Job:
        """A job for this upload; on disk when this returns. Old finished ones are forgotten."""
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM jobs WHERE state != 'queued' AND changed_at < ?",
                ((now - _KEEP_FINISHED).isoformat(),),
            )
            connection.execute(
                "INSERT INTO jobs"
                " (id, collection, key, name, sha256, size, state, reason, attempts, changed_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, '', 0, ?)",
                (
                    ident,
                    new.collection,
                    new.key,
                    new.name,
                    new.sha256,
                    new.size,
                    state.value,
                    now.isoformat(),
                ),
            )
        return Job(ident, new.collection, new.key, new.name, new.sha256, state)

    def find(self, ident: str) -> Job | None:
        """The job of this id."""
        return self._one("id = ?", [ident])

    def next(self) -> Job | None:
        """The one that has waited longest."""
        return self._one("state = 'queued' ORDER BY number", [])

    def last_waiting(self, collection: str, key: str) -> Job | None:
        """The newest upload of this document that is not finished."""
        return self._one(
            "collection = ? AND key = ? AND state = 'queued' ORDER BY number DESC", [collection, key]
        )

    def collections_waiting(self, key: str) -> list[str]:
        """The collections in which an upload of this key waits."""
        if not self._database.exists():
            return []
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT collection FROM jobs WHERE state = 'queued' AND key = ? ORDER BY collection",
                (key,),
            ).fetchall()
        return [row[0] for row in rows]

    def waiting(self) -> tuple[int, int]:
        """How many wait, and how many bytes they have."""
        if not self._database.exists():
            return 0, 0
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT count(*), coalesce(sum(size), 0) FROM jobs WHERE state = 'queued'"
            ).fetchone()
        return int(row[0]), int(row[1])

    def begin(self, ident: str) -> int:
        """Counts an attempt; how many there were before without an end."""
        with self._database.writing() as connection:
            connection.execute("UPDATE jobs SET attempts = attempts + 1 WHERE id = ?", (ident,))
            (attempts,) = connection.execute("SELECT attempts FROM jobs WHERE id = ?", (ident,)).fetchone()
        return int(attempts) - 1

    def give_back(self, ident: str, reason: str) -> None:
        """Leaves the job waiting, for a reason that is not its fault."""
        with self._database.writing() as connection:
            connection.execute("UPDATE jobs SET attempts = 0, reason = ? WHERE id = ?", (reason, ident))

    def finish(self, ident: str, state: JobState, reason: str = "") -> None:
        """Records how a job that waited ended."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, reason = ?, changed_at = ? WHERE id = ? AND state = 'queued'",
                (state.value, reason, datetime.now(UTC).isoformat(), ident),
            )

    def withdraw(self, collection: str, key: str, reason: str) -> list[str]:
        """Ends every waiting upload of this document; their ids."""
        if not self._database.exists():
            return []
        with self._database.writing() as connection:
            rows = connection.execute(
                "UPDATE jobs SET state = 'failed', reason = ?, changed_at = ?"
                " WHERE collection = ? AND key = ? AND state = 'queued' RETURNING id",
                (reason, datetime.now(UTC).isoformat(), collection, key),
            ).fetchall()
        return [row[0] for row in rows]

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def _one(self, condition: str, values: Sequence[str]) -> Job | None:
        if not self._database.exists():
            return None
        with self._database.reading() as connection:
            row: Sequence[Any] | None = connection.execute(
                "SELECT id, collection, key, name, sha256, state, reason, attempts FROM jobs"
                f" WHERE {condition} LIMIT 1",
                values,
            ).fetchone()
        if row is None:
            return None
        ident, collection, key, name, sha256, state, reason, attempts = row
        is_done = state == JobState.DONE.value
        return Job(ident, collection, key, name, sha256, JobState(state), reason, attempts, float(is_done))
