"""Who asks, what they may do, and which documents they may know of.

Rights are applied before a search, never to its results: a collection that a caller may not see behaves
exactly as one that does not exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from index.search import SearchScope


class Scope(Enum):
    """What a key is for."""

    ASK = "ask"  # ask, search, read documents, rate answers
    WRITE = "write"  # put documents in and take them out


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a key. name: as the operator called the key; collections: None means all.

    id: the key's own, never given to another key, so that a key made anew under an old name does not
    inherit what was answered to the old one.
    """

    name: str
    collections: frozenset[str] | None
    scopes: frozenset[Scope]
    id: str = ""

    def may(self, scope: Scope) -> bool:
        """Whether the caller may do this at all."""
        return scope in self.scopes

    def sees(self, collection: str) -> bool:
        """Whether the caller may know of documents of this collection."""
        return self.collections is None or collection in self.collections


LOCAL_NAME = "local"  # no key can have it
EVERYONE = Caller(LOCAL_NAME, None, frozenset(Scope), id=LOCAL_NAME)  # who calls while there are no keys

_NOWHERE = "\0"  # no collection has this name: neither an argument nor a query can hold it


def scope_for(
    caller: Caller, collections: Sequence[str] = (), filters: Mapping[str, str] | None = None
) -> SearchScope:
    """What a search of this caller may see; collections: those asked for, none for all it may see.

    A scope without collections means all there are, so one that must find nothing names a collection
    that cannot exist.
    """
    if caller.collections is None:
        return SearchScope(tuple(collections), filters)
    allowed = [name for name in dict.fromkeys(collections) if name in caller.collections]
    if not collections:
        allowed = sorted(caller.collections)
    return SearchScope(tuple(allowed or [_NOWHERE]), filters)
