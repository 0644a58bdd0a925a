"""Define callers, their permissions, and the collections they may see.

Permissions are applied before a search, never to its results: a collection that a caller may not see
behaves exactly like one that does not exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from index.search.searcher import SearchScope


class Scope(Enum):
    """A permission of an API key."""

    ASK = "ask"  # ask, search, read documents, rate answers
    WRITE = "write"  # add and delete documents


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of an API key. name: the key's, chosen by the operator; collections: None for all.

    id: the key's, never reused, so that a new key with an old name does not inherit the old one's answers.
    """

    name: str
    collections: frozenset[str] | None
    scopes: frozenset[Scope]
    id: str = ""

    def may(self, scope: Scope) -> bool:
        """Return whether the caller has this permission."""
        return scope in self.scopes

    def sees(self, collection: str) -> bool:
        """Return whether the caller may see documents of this collection."""
        return self.collections is None or collection in self.collections


LOCAL_NAME = "local"  # reserved: no key can have it
EVERYONE = Caller(LOCAL_NAME, None, frozenset(Scope), id=LOCAL_NAME)  # the caller while there are no keys

_NOWHERE = "\0"  # no collection has this name, as no argument or query can contain it


def scope_for(
    caller: Caller, collections: Sequence[str] = (), filters: Mapping[str, str] | None = None
) -> SearchScope:
    """Return the scope of this caller's search. collections: the requested ones, none for all it may see.

    A scope without collections covers all of them, so one that must find nothing names a collection that
    cannot exist.
    """
    if caller.collections is None:
        return SearchScope(tuple(collections), filters)
    allowed = [name for name in dict.fromkeys(collections) if name in caller.collections]
    if not collections:
        allowed = sorted(caller.collections)
    return SearchScope(tuple(allowed or [_NOWHERE]), filters)
