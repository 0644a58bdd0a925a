"""The change log, by which derived indexes catch up; works inside the transaction that it is given."""

import sqlite3

from index.catalog.types import Change


def log_change(connection: sqlite3.Connection, *, added: bool, first: int, end: int) -> None:
    """Records that passages `first` up to, not including, `end` came or went."""
    connection.execute(
        "INSERT INTO changes (added, first_passage, end_passage) VALUES (?, ?, ?)", (int(added), first, end)
    )


def last_change(connection: sqlite3.Connection) -> int:
    """Number of the newest change, 0 in a store nothing was ever written to."""
    (seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()
    return int(seq)


def read_changes(connection: sqlite3.Connection, after: int) -> list[Change]:
    """Changes later than `after`, oldest first."""
    rows = connection.execute(
        "SELECT seq, added, first_passage, end_passage FROM changes WHERE seq > ? ORDER BY seq", (after,)
    )
    return [Change(seq, bool(added), first, end) for seq, added, first, end in rows]
