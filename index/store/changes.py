"""The change log, from which the derived indexes update. The caller owns the transaction."""

import sqlite3

from index.store.types import Change


def log_change(connection: sqlite3.Connection, *, added: bool, first: int, end: int) -> None:
    """Log that the passages in [first, end) were added or updated (`added`), or removed."""
    connection.execute(
        "INSERT INTO changes (added, first_passage, end_passage) VALUES (?, ?, ?)", (int(added), first, end)
    )


def last_change(connection: sqlite3.Connection) -> int:
    """Return the sequence number of the latest change, 0 if nothing was ever written."""
    (seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()
    return int(seq)


def read_changes(connection: sqlite3.Connection, after: int) -> list[Change]:
    """Return the changes after sequence number `after`, oldest first."""
    rows = connection.execute(
        "SELECT seq, added, first_passage, end_passage FROM changes WHERE seq > ? ORDER BY seq", (after,)
    )
    return [Change(seq, bool(added), first, end) for seq, added, first, end in rows]
