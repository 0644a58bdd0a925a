"""Store accepted uploads in one SQLite file: the state of each, and its bytes until it is indexed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from index.indexing.origin import upload_id
from service.storage.database import Database

UPLOADS_FILE = "uploads.sqlite"
_KEEP_FINISHED = timedelta(days=7)

_SCHEMA = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,   -- the order in which they came; never shown to anybody
    id TEXT NOT NULL UNIQUE,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,                  -- begun and neither finished nor requeued
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE INDEX jobs_by_document ON jobs (collection, key, state);
CREATE TABLE pieces (                           -- the bytes, in pieces that fit into memory
    job_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (job_id, number)
) STRICT;
CREATE TRIGGER delete_bytes AFTER UPDATE OF state ON jobs WHEN NEW.state != 'queued'
BEGIN DELETE FROM pieces WHERE job_id = NEW.id; END;
"""


class JobState(Enum):
    """State of an upload."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """An accepted upload. reason: why it failed, or what it waits for. progress: in [0, 1]."""

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
        """Id of the document that it becomes."""
        return upload_id(self.collection, self.key)


class Jobs:
    """The table of jobs. Each method is one short transaction; all raise StoreUnavailable."""

    def __init__(self, home: Path) -> None:
        """Defer opening the file to first use."""
        self._database = Database(
            home / UPLOADS_FILE, _SCHEMA, version=1, when_damaged="move it away and send the documents again"
        )

    def exists(self) -> bool:
        """Return whether anything was ever uploaded."""
        return self._database.exists()

    def add(self, job: Job, size: int, pieces: Iterable[bytes] = ()) -> None:
        """Add a job with its bytes, on disk when this returns; delete old finished jobs."""
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM jobs WHERE state != 'queued' AND changed_at < ?",
                ((now - _KEEP_FINISHED).isoformat(),),
            )
            connection.execute(
                "INSERT INTO jobs VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, '', 0, ?)",
                (
                    job.id,
                    job.collection,
                    job.key,
                    job.name,
                    job.sha256,
                    size,
                    job.state.value,
                    now.isoformat(),
                ),
            )
            connection.executemany(
                "INSERT INTO pieces VALUES (?, ?, ?)",
                ((job.id, number, piece) for number, piece in enumerate(pieces)),
            )

    def read_bytes(self, ident: str) -> bytes:
        """Return the bytes of a waiting job."""
        rows = self._select("data FROM pieces WHERE job_id = ? ORDER BY number", ident)
        return b"".join(row[0] for row in rows)

    def find(self, ident: str) -> Job | None:
        """Return the job with this id."""
        return self._one("id = ?", ident)

    def next(self) -> Job | None:
        """Return the job that has waited longest."""
        return self._one("state = 'queued' ORDER BY number")

    def last_waiting(self, collection: str, key: str) -> Job | None:
        """Return the newest waiting upload of this document."""
        return self._one(
            "collection = ? AND key = ? AND state = 'queued' ORDER BY number DESC", collection, key
        )

    def collections_waiting(self, key: str) -> list[str]:
        """Return the collections in which an upload with this key waits."""
        rows = self._select(
            "DISTINCT collection FROM jobs WHERE state = 'queued' AND key = ? ORDER BY collection", key
        )
        return [row[0] for row in rows]

    def waiting(self) -> tuple[int, int]:
        """Return how many uploads wait, and their total size in bytes."""
        rows = self._select("count(*), coalesce(sum(size), 0) FROM jobs WHERE state = 'queued'")
        return (rows[0][0], rows[0][1]) if rows else (0, 0)

    def begin(self, ident: str) -> int:
        """Count an attempt; return how many earlier ones did not finish."""
        with self._database.writing() as connection:
            (attempts,) = connection.execute(
                "UPDATE jobs SET attempts = attempts + 1 WHERE id = ? RETURNING attempts", (ident,)
            ).fetchone()
        return int(attempts) - 1

    def requeue(self, ident: str, reason: str = "") -> None:
        """Leave the job waiting and reset its attempts, for a reason that is not its fault."""
        with self._database.writing() as connection:
            connection.execute("UPDATE jobs SET attempts = 0, reason = ? WHERE id = ?", (reason, ident))

    def finish(self, ident: str, state: JobState, reason: str = "") -> None:
        """Record the outcome of a waiting job, and delete its bytes."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, reason = ?, changed_at = ? WHERE id = ? AND state = 'queued'",
                (state.value, reason, datetime.now(UTC).isoformat(), ident),
            )

    def cancel(self, collection: str, key: str, reason: str) -> None:
        """Mark every waiting upload of this document as failed, and delete its bytes."""
        while waiting := self.last_waiting(collection, key):
            self.finish(waiting.id, JobState.FAILED, reason)

    def scrub(self) -> None:
        """Remove deleted bytes from the write-ahead log too."""
        self._database.scrub()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _select(self, query: str, *values: str) -> Sequence[Any]:
        if not self._database.exists():
            return []
        with self._database.reading() as connection:
            return connection.execute(f"SELECT {query}", values).fetchall()

    def _one(self, condition: str, *values: str) -> Job | None:
        rows = self._select(
            f"id, collection, key, name, sha256, state, reason, attempts FROM jobs WHERE {condition} LIMIT 1",
            *values,
        )
        if not rows:
            return None
        ident, collection, key, name, sha256, state, reason, attempts = rows[0]
        progress = 1.0 if state == JobState.DONE.value else 0.0
        return Job(ident, collection, key, name, sha256, JobState(state), reason, attempts, progress)
