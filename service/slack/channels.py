"""Who may see what in Slack, and how answers are given where: slack.toml, then what commands have set.

What a command sets wins over the file, and holds from the next question on, also while the bot runs. Nothing
is seen by default: a collection is opened to everyone (`public`), to a channel, or to a person.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from pathlib import Path
from typing import Any

from service.access import Caller, Scope
from service.database import Database
from service.slack.slack_file import PlaceRule, SlackFile

RULES_FILE = "slack_rules.sqlite"  # of its own, so that the queue's file can be removed without losing rights

_SCHEMA = """
CREATE TABLE places (
    id TEXT PRIMARY KEY,            -- Slack's id of a channel or a person
    rule TEXT NOT NULL              -- what was set of it, as JSON
) STRICT;
CREATE TABLE collections (
    name TEXT PRIMARY KEY,
    public INTEGER NOT NULL         -- 0: not even when slack.toml says so
) STRICT;
"""


class ChannelKind(Enum):
    """Who reads along."""

    PUBLIC = "public"  # everyone of the workspace
    PRIVATE = "private"  # its members; also messages of a few people
    DIRECT = "direct"  # one person and the bot
    EXTERNAL = "external"  # also people of another organisation


@dataclass(frozen=True, slots=True)
class Where:
    """A place in Slack and who speaks there, by Slack's ids."""

    team: str
    channel: str
    kind: ChannelKind
    user: str


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers are given in a place. language: "ko", "en", or None for the question's own."""

    followups: bool = True
    ephemeral: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """All the rules there are at one moment. places: by id of the channel or person."""

    public: frozenset[str]
    places: Mapping[str, PlaceRule]

    @property
    def opens_nothing(self) -> bool:
        """Whether nobody can see anything anywhere."""
        return not self.public and not any(rule.collections for rule in self.places.values())

    def caller(self, where: Where, *, alone: bool = False) -> Caller:
        """Who asks, with what may be seen by all who will read the answer.

        alone: only the one who asks reads it; then it counts what that person may see, too.
        """
        return Caller(
            name="slack",
            collections=self._seen(where, alone=alone or where.kind is ChannelKind.DIRECT),
            scopes=frozenset({Scope.ASK}),
            id=caller_id(where.team, where.user),
        )

    def manner(self, where: Where) -> Manner:
        """How answers are given there: as its channel says, else in the language the person has chosen."""
        here, person = self._rule(where.channel), self._rule(where.user)
        is_direct = where.kind is ChannelKind.DIRECT
        first, second = (person, here) if is_direct else (here, person)
        language = first.language or second.language
        return Manner(
            followups=here.followups is not False,
            ephemeral=bool(here.ephemeral) and not is_direct,
            language=None if language == "auto" else language,
        )

    def opening(self, where: Where) -> str:
        """The command that lets something be seen there."""
        public = "inyong slack collection public NAME on"
        if where.kind is ChannelKind.PUBLIC or self.opens_nothing:
            return public
        place = where.user if where.kind is ChannelKind.DIRECT else where.channel
        named = f"inyong slack channel set {place} --collections NAME"
        return f"{public} && {named}" if where.kind is ChannelKind.EXTERNAL else named

    def _seen(self, where: Where, *, alone: bool) -> frozenset[str]:
        here = self._rule(where.channel).collections
        own = (self._rule(where.user).collections or frozenset()) if alone else frozenset[str]()
        if where.kind is ChannelKind.EXTERNAL:
            # Public means all of the workspace; strangers see what was opened to this very channel.
            return (self.public & (here or frozenset())) | own
        if here is None:
            return self.public | own
        return (self.public & here if where.kind is ChannelKind.PUBLIC else here) | own

    def _rule(self, ident: str) -> PlaceRule:
        return self.places.get(ident, PlaceRule())


class RuleStore:
    """The rules of one store, from slack.toml and from commands. Safe to share."""

    def __init__(self, home: Path, file: SlackFile | None = None) -> None:
        """Opens nothing yet. file: what slack.toml says."""
        self._file = file or SlackFile()
        self._database = Database(
            home / RULES_FILE, _SCHEMA, version=1, when_damaged="move it away and set the rules again"
        )

    def read(self) -> Rules:
        """The rules as they are now; takes less than a millisecond. Raises StoreUnavailable."""
        public, places = set(self._file.public), dict(self._file.places)
        if self._database.exists():
            with self._database.reading() as connection:
                marks = connection.execute("SELECT name, public FROM collections").fetchall()
                rules = connection.execute("SELECT id, rule FROM places").fetchall()
            for name, is_public in marks:
                (public.add if is_public else public.discard)(name)
            for ident, rule in rules:
                places[ident] = _over(places.get(ident, PlaceRule()), _rule(json.loads(rule)))
        return Rules(frozenset(public), places)

    def set_place(self, ident: str, rule: PlaceRule) -> None:
        """Sets for a channel or person what the rule decides; the rest stays as it was set."""
        with self._database.writing() as connection:
            row = connection.execute("SELECT rule FROM places WHERE id = ?", (ident,)).fetchone()
            merged = _over(_rule(json.loads(row[0])) if row else PlaceRule(), rule)
            connection.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (ident, _as_json(merged)))

    def forget_place(self, ident: str) -> bool:
        """Takes back all that was set for it; what slack.toml says counts again. Whether there was any."""
        if not self._database.exists():
            return False
        with self._database.writing() as connection:
            return connection.execute("DELETE FROM places WHERE id = ?", (ident,)).rowcount > 0

    def set_public(self, collection: str, *, public: bool) -> None:
        """Opens a collection to everyone of the workspace, or closes it."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO collections VALUES (?, ?)", (collection, int(public)))

    def close(self) -> None:
        """Closes the file."""
        self._database.close()


def caller_id(team: str, user: str) -> str:
    """The id under which a person's answers are kept."""
    return f"slack:{team}:{user}"


def kind_of(channel: Mapping[str, Any]) -> ChannelKind:
    """Who reads along. channel: as conversations.info describes it, or as much of it as is known."""
    if any(channel.get(name) for name in ("is_ext_shared", "is_pending_ext_shared")):
        return ChannelKind.EXTERNAL  # also a direct message with somebody of another organisation
    if channel.get("is_im"):
        return ChannelKind.DIRECT
    if channel.get("is_mpim") or channel.get("is_group") or channel.get("is_private"):
        return ChannelKind.PRIVATE
    return ChannelKind.PUBLIC


def _over(below: PlaceRule, above: PlaceRule) -> PlaceRule:
    decided = {spec.name: value for spec in fields(above) if (value := getattr(above, spec.name)) is not None}
    return replace(below, **decided)


def _rule(stored: Mapping[str, Any]) -> PlaceRule:
    named = stored.get("collections")
    return PlaceRule(
        None if named is None else frozenset(named),
        stored.get("followups"),
        stored.get("ephemeral"),
        stored.get("language"),
    )


def _as_json(rule: PlaceRule) -> str:
    named = None if rule.collections is None else sorted(rule.collections)
    values = {
        "collections": named,
        "followups": rule.followups,
        "ephemeral": rule.ephemeral,
        "language": rule.language,
    }
    return json.dumps(
        {name: value for name, value in values.items() if value is not None}, ensure_ascii=False
    )
