"""Store the questions from Slack before they are acknowledged, with what became of each."""

import json
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from service.answering.types import Turn
from service.slack.blocks import Message
from service.slack.rules import ChannelKind
from service.slack.types import Incoming, State, Task, TaskReply, Trigger
from service.storage.database import Database

LEDGER_FILE = "slack.sqlite"
_MAX_TURNS = 20
_MAX_TASKS = 200_000  # of a few kilobytes each
_DAY_S = 86_400.0
_MIN_DAYS = 1  # Slack retries an event for some hours; deduplication must outlast that
_PURGE_EVERY_S = 3600.0

_SCHEMA = """
CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    team TEXT NOT NULL,
    channel TEXT NOT NULL,
    ts TEXT NOT NULL,
    user TEXT NOT NULL,
    thread TEXT NOT NULL,
    incoming TEXT NOT NULL,                  -- all of it, as JSON
    accepted_at REAL NOT NULL,               -- seconds since 1970
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    has_reaction INTEGER NOT NULL DEFAULT 0,
    answer_id TEXT,                          -- as the archive knows it
    question TEXT NOT NULL DEFAULT '',       -- with its answer the history of a follow-up
    answer TEXT NOT NULL DEFAULT '',
    reply TEXT NOT NULL DEFAULT '[]',        -- a list of the one message that ends the task, as JSON
    is_private INTEGER NOT NULL DEFAULT 0,   -- whether it is for the requester only
    UNIQUE (team, channel, ts)
) STRICT;
CREATE INDEX unfinished_tasks ON tasks (state) WHERE state IN ('queued', 'running');
CREATE INDEX threads ON tasks (team, channel, thread);
CREATE INDEX answers ON tasks (answer_id) WHERE answer_id IS NOT NULL;
CREATE INDEX accepted ON tasks (team, accepted_at);
CREATE TABLE posts (
    task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,                   -- a `Post`
    ts TEXT NOT NULL,                        -- of the message; '' while it is not known whether it was posted
    PRIMARY KEY (task, part)
) STRICT;
"""

_COLUMNS = "id, incoming, accepted_at, attempts, has_reaction, answer_id, reply, is_private"
_UNFINISHED = "state IN ('queued', 'running')"


class Ledger:
    """The tasks of one store. Thread-safe and blocking; a method's changes are on disk when it returns.

    Every method raises StoreUnavailable.
    """

    def __init__(self, home: Path, keep_days: int, *, clock: Callable[[], float] = time.time) -> None:
        """Open nothing yet.

        keep_days: retention of questions and answers; 0: only until they are answered. clock: seconds since
        1970.
        """
        self._database = Database(
            home / LEDGER_FILE, _SCHEMA, version=1, when_damaged="move it away; a new one is begun"
        )
        self._keep_days = keep_days
        self._clock = clock
        self._purging = threading.Lock()
        self._purged_at = 0.0

    def accept(self, questions: Sequence[Incoming]) -> int:
        """Store questions in one transaction, without duplicates; return how many are new."""
        now = self._clock()
        rows = [
            (one.team, one.channel, one.ts, one.user, one.thread, _incoming_as_json(one), now)
            for one in questions
        ]
        with self._database.writing() as connection:
            return connection.executemany(
                "INSERT OR IGNORE INTO tasks (team, channel, ts, user, thread, incoming, accepted_at, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'queued')",
                rows,
            ).rowcount

    def recover(self) -> int:
        """Requeue the tasks that an earlier process left running; return how many are unfinished."""
        with self._database.writing() as connection:
            connection.execute("UPDATE tasks SET state = 'queued' WHERE state = 'running'")
            (n,) = connection.execute(f"SELECT COUNT(*) FROM tasks WHERE {_UNFINISHED}").fetchone()
        return int(n)

    def claim(self, n: int, skip: Collection[str] = ()) -> list[Task]:
        """Mark at most n tasks as running and return them, oldest first. skip: workspaces to skip."""
        skipped = ", ".join("?" * len(skip))
        with self._database.writing() as connection:
            chosen = connection.execute(
                f"SELECT id FROM tasks WHERE state = 'queued' AND team NOT IN ({skipped})"
                " ORDER BY id LIMIT ?",
                (*skip, n),
            ).fetchall()
            connection.executemany(
                "UPDATE tasks SET state = 'running', attempts = attempts + 1 WHERE id = ?", chosen
            )
            found = [_find(connection, "id = ?", ident) for (ident,) in chosen]
        return [task for task in found if task]

    def requeue(self, task: Task, *, counts: bool = False) -> None:
        """Requeue a running task. counts: whether this was a failed attempt."""
        self._execute(
            "UPDATE tasks SET state = 'queued', attempts = MAX(0, attempts - ?) WHERE id = ?"
            " AND state = 'running'",
            (0 if counts else 1, task.id),
        )

    def note_reaction(self, task: Task) -> None:
        """Record, before a reaction is added, that there may be one to remove."""
        self._execute("UPDATE tasks SET has_reaction = 1 WHERE id = ?", (task.id,))

    def note_post(self, task: Task, post: int, ts: str) -> None:
        """Record a message's ts; "" before it is posted, so that a crash in between is detectable."""
        self._execute("INSERT OR REPLACE INTO posts VALUES (?, ?, ?)", (task.id, post, ts))

    def store_reply(self, task: Task, reply: TaskReply) -> None:
        """Store the reply before it is posted, so that the question is not rerun."""
        self._execute(
            "UPDATE tasks SET reply = ?, is_private = ?, answer_id = ?, question = ?, answer = ?"
            " WHERE id = ?",
            (
                _json([asdict(reply.message)]),
                reply.is_private,
                reply.answer_id,
                *map(_storable, reply.turn),
                task.id,
            ),
        )

    def finish(self, task: Task, state: State = State.DONE) -> None:
        """Mark the task as finished, delete its reply and secrets, and from time to time what has expired."""
        keeps_text = self._keep_days > 0
        incoming = replace(task.incoming, response_url="", text=task.incoming.text if keeps_text else "")
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE tasks SET state = ?, reply = '[]', has_reaction = 0, incoming = ? WHERE id = ?",
                (state.value, _incoming_as_json(incoming), task.id),
            )
            if not keeps_text:
                connection.execute("UPDATE tasks SET question = '', answer = '' WHERE id = ?", (task.id,))
        self._purge_if_due()

    def history(self, task: Task) -> tuple[Turn, ...]:
        """Return the latest questions and answers of the task's thread before it, oldest first.

        Answers for one person only are part of that person's history alone.
        """
        question = task.incoming
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT question, answer FROM tasks WHERE team = ? AND channel = ? AND thread = ?"
                " AND id < ? AND question != '' AND (is_private = 0 OR user = ?) ORDER BY id DESC LIMIT ?",
                (question.team, question.channel, question.thread, task.id, question.user, _MAX_TURNS // 2),
            ).fetchall()
        return tuple(
            turn
            for question, answer in reversed(found)
            for turn in (Turn("user", question), Turn("assistant", answer))
        )

    def takes_part(self, team: str, channel: str, thread: str) -> bool:
        """Return whether the bot was asked in this thread."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT 1 FROM tasks WHERE team = ? AND channel = ? AND thread = ? LIMIT 1",
                (team, channel, thread),
            ).fetchone()
        return found is not None

    def find_by_answer(self, answer_id: str) -> Task | None:
        """Return the task that led to this answer, while it is stored."""
        with self._database.reading() as connection:
            return _find(connection, "answer_id = ?", answer_id)

    def count_before(self, task: Task, seconds: float, user: str | None = None) -> tuple[int, float]:
        """Return how many questions were accepted in the `seconds` before this one, and when the oldest was.

        user: count only this user's. Questions that failed do not count.
        """
        whose, values = ("AND user = ?", [user]) if user else ("", [])
        with self._database.reading() as connection:
            n, oldest = connection.execute(
                "SELECT COUNT(*), MIN(accepted_at) FROM tasks"
                f" WHERE team = ? AND accepted_at > ? AND id < ? AND state != 'failed' {whose}",
                (task.incoming.team, task.accepted_at - seconds, task.id, *values),
            ).fetchone()
        return int(n), task.accepted_at if oldest is None else float(oldest)

    def purge(self) -> int:
        """Delete finished tasks that have expired, or exceed the maximum number; return how many."""
        oldest = self._clock() - max(self._keep_days, _MIN_DAYS) * _DAY_S
        old = f"(accepted_at < ? OR id <= (SELECT MAX(id) FROM tasks) - {_MAX_TASKS}) AND NOT {_UNFINISHED}"
        with self._database.writing() as connection:
            connection.execute(
                f"DELETE FROM posts WHERE task IN (SELECT id FROM tasks WHERE {old})", (oldest,)
            )
            n_deleted = connection.execute(f"DELETE FROM tasks WHERE {old}", (oldest,)).rowcount
        self._database.scrub()
        return n_deleted

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _execute(self, statement: str, values: Sequence[Any]) -> None:
        with self._database.writing() as connection:
            connection.execute(statement, values)

    def _purge_if_due(self) -> None:
        with self._purging:
            if self._clock() - self._purged_at < _PURGE_EVERY_S:
                return
            self._purged_at = self._clock()
        self.purge()


def _find(connection: Connection, where: str, value: int | str) -> Task | None:
    """Return the first matching task. where: a trusted SQL condition with one placeholder."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM tasks WHERE {where} ORDER BY id LIMIT 1", (value,)
    ).fetchone()
    if row is None:
        return None
    ident, incoming, accepted_at, attempts, has_reaction, answer_id, reply, is_private = row
    posts = connection.execute("SELECT part, ts FROM posts WHERE task = ?", (ident,)).fetchall()
    messages = [Message(one["text"], tuple(one["blocks"])) for one in json.loads(reply)]
    return Task(
        id=ident,
        incoming=_incoming_from(json.loads(incoming)),
        accepted_at=accepted_at,
        attempts=attempts,
        has_reaction=bool(has_reaction),
        reply=TaskReply(messages[0], answer_id, is_private=bool(is_private)) if messages else None,
        posts=dict(posts),
    )


def _incoming_as_json(incoming: Incoming) -> str:
    values = asdict(incoming)
    values["way"] = values.pop("trigger").value  # the key in files of earlier versions
    values["kind"] = incoming.kind.value if incoming.kind else None
    return _json(values)


def _incoming_from(stored: Mapping[str, Any]) -> Incoming:
    values = dict(stored)
    trigger = Trigger(values.pop("way"))
    kind = ChannelKind(values.pop("kind")) if stored["kind"] else values.pop("kind")
    return Incoming(**values, trigger=trigger, kind=kind)


def _json(value: object) -> str:
    return _storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _storable(text: str) -> str:
    """Replace lone surrogates, which JSON may contain and SQLite rejects."""
    return text.encode("utf-8", "replace").decode()
