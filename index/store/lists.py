"""A list of any length as one bound variable, since SQLite limits variables per statement."""

import json
from collections.abc import Iterable

ANY_OF = "(SELECT value FROM json_each(?))"  # right operand of IN; bind the result of `as_list`


def as_list(values: Iterable[str | int]) -> str:
    """Encode the values as the one variable of ANY_OF.

    Strings with a NUL are omitted: SQLite's JSON truncates there, so they would match another name. No stored
    name contains one.
    """
    return json.dumps([value for value in values if not isinstance(value, str) or "\0" not in value])
