"""A list of any length as one bound variable: SQLite takes so many of them in a statement and no more."""

import json
from collections.abc import Iterable

ANY_OF = "(SELECT value FROM json_each(?))"  # behind IN, for what `as_list` makes


def as_list(values: Iterable[str | int]) -> str:
    """The values as the one variable that ANY_OF takes.

    What holds a NUL is left out: SQLite's JSON ends a string there, so it would stand for another name. No
    name that is stored has one.
    """
    return json.dumps([value for value in values if not isinstance(value, str) or "\0" not in value])
