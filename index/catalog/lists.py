"""A list of any length as one bound variable: SQLite takes so many of them in a statement and no more."""

import json
from collections.abc import Iterable

ANY_OF = "(SELECT value FROM json_each(?))"  # behind IN, for what `as_list` makes


def as_list(values: Iterable[str | int]) -> str:
    """The values as the one variable that ANY_OF takes."""
    return json.dumps(list(values))
