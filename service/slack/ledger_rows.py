"""The ledger's tables, and what is done with them: functions of a connection within a transaction."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from sqlite3 import Connection
from typing import Any

from service.slack.channels import ChannelKind
from service.slack.elements import Message
from service.slack.types import Incoming, State, Task, Way
from service.types import Turn

_MOST_TURNS = 20
_MOST_TASKS = 200_000  # of a few kilobytes each

SCHEMA = """
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
    question TEXT NOT NULL DEFAULT '',       -- with its answer what a follow-up leans on
    answer TEXT NOT NULL DEFAULT '',
    reply TEXT NOT NULL DEFAULT '[]',        -- the messages that end the task, as JSON
    is_private INTEGER NOT NULL DEFAULT 0,   -- whether they are for the asker alone
    UNIQUE (team, channel, ts)
) STRICT;
CREATE INDEX unfinished_tasks ON tasks (state) WHERE state IN ('queued', 'running');
CREATE INDEX threads ON tasks (team, channel, thread);
CREATE INDEX answers ON tasks (answer_id) WHERE answer_id IS NOT NULL;
CREATE INDEX accepted ON tasks (team, accepted_at);
CREATE TABLE posts (
    task INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    ts TEXT NOT NULL,                        -- of the message; '' while it is not known whether it was posted
    PRIMARY KEY (task, part)
) STRICT;
"""

_COLUMNS = "id, incoming, state, accepted_at, attempts, has_reaction, answer_id, reply, is_private"
_UNFINISHED = "state IN ('queued', 'running')"


def accept(rows: Connection, incoming: Incoming, now: float) -> Task | None:
    """The new task; None when there is one for this message."""
    inserted = rows.execute(
        "INSERT OR IGNORE INTO tasks (team, channel, ts, user, thread, incoming, accepted_at, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'queued')",
        (
            incoming.team,
            incoming.channel,
            incoming.ts,
            incoming.user,
            incoming.thread,
            _incoming_as_json(incoming),
            now,
        ),
    )
    if not inserted.rowcount:
        return None
    assert inserted.lastrowid is not None
    return Task(inserted.lastrowid, incoming, State.QUEUED, now)


def recover(rows: Connection) -> int:
    """Queues what was running; the number of unfinished tasks."""
    rows.execute("UPDATE tasks SET state = 'queued' WHERE state = 'running'")
    (n,) = rows.execute(f"SELECT COUNT(*) FROM tasks WHERE {_UNFINISHED}").fetchone()
    return int(n)


def claim(rows: Connection, n: int, but: Collection[str]) -> list[Task]:
    """Makes the next n tasks running ones: by the how-manieth unfinished of its user it is, then by age."""
    others = ", ".join("?" * len(but))
    chosen = rows.execute(
        "SELECT id FROM (SELECT id, state, team, ROW_NUMBER() OVER (PARTITION BY team, user ORDER BY id)"
        f" AS turn FROM tasks WHERE {_UNFINISHED}) WHERE state = 'queued' AND team NOT IN ({others})"
        " ORDER BY turn, id LIMIT ?",
        (*but, n),
    ).fetchall()
    rows.executemany("UPDATE tasks SET state = 'running', attempts = attempts + 1 WHERE id = ?", chosen)
    found = [find(rows, "id = ?", ident) for (ident,) in chosen]
    return [task for task in found if task]


def put_back(rows: Connection, task_id: int, *, counts: bool) -> None:
    """Queues a running task. counts: whether the attempt does."""
    rows.execute(
        "UPDATE tasks SET state = 'queued', attempts = MAX(0, attempts - ?) WHERE id = ?"
        " AND state = 'running'",
        (0 if counts else 1, task_id),
    )


def note_reaction(rows: Connection, task_id: int) -> None:
    """There may be a reaction."""
    rows.execute("UPDATE tasks SET has_reaction = 1 WHERE id = ?", (task_id,))


def note_post(rows: Connection, task_id: int, part: int, ts: str) -> None:
    """Where a part was posted, or that it is about to be."""
    rows.execute("INSERT OR REPLACE INTO posts VALUES (?, ?, ?)", (task_id, part, ts))


def settle(
    rows: Connection,
    task_id: int,
    reply: Sequence[Message],
    answer_id: str | None,
    turn: tuple[str, str],
    *,
    is_private: bool,
) -> None:
    """The messages that end the task."""
    kept = _json([asdict(message) for message in reply])
    rows.execute(
        "UPDATE tasks SET reply = ?, is_private = ?, answer_id = ?, question = ?, answer = ? WHERE id = ?",
        (kept, is_private, answer_id, *map(_storable, turn), task_id),
    )


def finish(rows: Connection, task: Task, state: State, *, keeps_words: bool) -> None:
    """Ends the task. Its messages are in Slack now, and a response_url is a secret nobody needs any more."""
    words = task.incoming.text if keeps_words else ""
    incoming = replace(task.incoming, response_url="", text=words)
    rows.execute(
        "UPDATE tasks SET state = ?, reply = '[]', has_reaction = 0, incoming = ? WHERE id = ?",
        (state.value, _incoming_as_json(incoming), task.id),
    )
    if not keeps_words:
        rows.execute("UPDATE tasks SET question = '', answer = '' WHERE id = ?", (task.id,))


def history(rows: Connection, team: str, channel: str, thread: str) -> tuple[Turn, ...]:
    """The latest turns of a thread, the oldest of them first."""
    found = rows.execute(
        "SELECT question, answer FROM tasks WHERE team = ? AND channel = ? AND thread = ? AND question != ''"
        " ORDER BY id DESC LIMIT ?",
        (team, channel, thread, _MOST_TURNS // 2),
    ).fetchall()
    return tuple(
        turn
        for question, answer in reversed(found)
        for turn in (Turn("user", question), Turn("assistant", answer))
    )


def takes_part(rows: Connection, team: str, channel: str, thread: str) -> bool:
    """Whether there is a task of this thread."""
    found = rows.execute(
        "SELECT 1 FROM tasks WHERE team = ? AND channel = ? AND thread = ? LIMIT 1", (team, channel, thread)
    ).fetchone()
    return found is not None


def unfinished(rows: Connection) -> list[Task]:
    """Tasks without an end, the oldest first."""
    found = rows.execute(f"SELECT {_COLUMNS} FROM tasks WHERE {_UNFINISHED} ORDER BY id").fetchall()
    return [_task(rows, row) for row in found]


def find(rows: Connection, where: str, value: int | str) -> Task | None:
    """The first task of which this is so. where: a condition of ours with one question mark."""
    row = rows.execute(f"SELECT {_COLUMNS} FROM tasks WHERE {where} ORDER BY id LIMIT 1", (value,)).fetchone()
    return _task(rows, row) if row else None


def count_before(rows: Connection, task: Task, seconds: float, user: str | None) -> tuple[int, float]:
    """Questions accepted in the time before the task, and when the oldest was; failed ones left out."""
    whose, values = ("AND user = ?", [user]) if user else ("", [])
    n, oldest = rows.execute(
        "SELECT COUNT(*), MIN(accepted_at) FROM tasks"
        f" WHERE team = ? AND accepted_at > ? AND id < ? AND state != 'failed' {whose}",
        (task.incoming.team, task.accepted_at - seconds, task.id, *values),
    ).fetchone()
    return int(n), task.accepted_at if oldest is None else float(oldest)


def purge(rows: Connection, oldest: float) -> int:
    """Forgets finished tasks accepted before then, and of too many the first; how many."""
    old = f"(accepted_at < ? OR id <= (SELECT MAX(id) FROM tasks) - {_MOST_TASKS}) AND NOT {_UNFINISHED}"
    rows.execute(f"DELETE FROM posts WHERE task IN (SELECT id FROM tasks WHERE {old})", (oldest,))
    return rows.execute(f"DELETE FROM tasks WHERE {old}", (oldest,)).rowcount


def _task(rows: Connection, row: Sequence[Any]) -> Task:
    ident, incoming, state, accepted_at, attempts, has_reaction, answer_id, reply, is_private = row
    posts = rows.execute("SELECT part, ts FROM posts WHERE task = ? ORDER BY part", (ident,)).fetchall()
    return Task(
        id=ident,
        incoming=_incoming(json.loads(incoming)),
        state=State(state),
        accepted_at=accepted_at,
        attempts=attempts,
        has_reaction=bool(has_reaction),
        answer_id=answer_id,
        reply=tuple(Message(one["text"], tuple(one["blocks"])) for one in json.loads(reply)),
        is_private=bool(is_private),
        posts=dict(posts),
    )


def _incoming_as_json(incoming: Incoming) -> str:
    kind = incoming.kind.value if incoming.kind else None
    return _json(asdict(incoming) | {"way": incoming.way.value, "kind": kind})


def _incoming(kept: Mapping[str, Any]) -> Incoming:
    kind = ChannelKind(kept["kind"]) if kept["kind"] else None
    return Incoming(**{**kept, "way": Way(kept["way"]), "kind": kind})


def _json(value: object) -> str:
    return _storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _storable(text: str) -> str:
    """The text without half characters, which JSON can bring and SQLite does not take."""
    return text.encode("utf-8", "replace").decode()
