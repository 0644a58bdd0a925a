"""Who may see what in Slack, and how answers are given where: slack.toml and what commands have set."""

import json
import logging
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import Enum
from pathlib import Path
from time import monotonic
from typing import Any

from service.errors import BadSetting
from service.slack.posting import Posting
from service.slack.web_api import SlackRefused
from service.storage.database import Database
from service.storage.permissions import Caller, Scope

_log = logging.getLogger(__name__)

SLACK_FILE = "slack.toml"
LANGUAGES = ("ko", "en", "auto")
PLACE_ID = re.compile(r"[CGDUW][A-Z0-9]{2,30}")  # channels, groups, direct messages, users
_TEAM_ID = re.compile(r"[TE][A-Z0-9]{2,30}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_MAX_PER_DAY = 1_000_000


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """Settings of one channel or user; None: not set.

    collections: visible there. followups: whether replies in a thread are questions without a mention.
    ephemeral: whether answers are shown only to the requester. language: "ko", "en", "auto".
    """

    collections: frozenset[str] | None = None
    followups: bool | None = None
    ephemeral: bool | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """An additional workspace. token_variable: the environment variable that holds its bot token."""

    team: str
    token_variable: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Maximum numbers of questions; 0: unlimited."""

    user_per_hour: int = 30
    user_per_day: int = 200
    workspace_per_hour: int = 500
    workspace_per_day: int = 5000


@dataclass(frozen=True, slots=True)
class SlackFile:
    """Contents of slack.toml; every key is optional."""

    public: frozenset[str] = frozenset()
    places: Mapping[str, PlaceRule] = field(default_factory=dict)  # by id of the channel or user
    workspaces: tuple[Workspace, ...] = ()
    limits: Limits = Limits()


def read_slack_file(folder: Path | None = None) -> SlackFile:
    """Read slack.toml from the folder, by default the current one. Raises BadSetting."""
    path = (folder or Path.cwd()) / SLACK_FILE
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return SlackFile()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path}: not valid TOML ({error})") from error
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read ({error.strerror})") from error
    return _File(path).read(values)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path

    def read(self, values: Mapping[str, Any]) -> SlackFile:
        self._require_known(values, "", ("public", "channel", "user", "workspace", "limits"))
        places: dict[str, PlaceRule] = {}
        for kind in ("channel", "user"):
            for table in self._tables(values, kind):
                ident, rule = self._place(kind, table)
                if ident in places:
                    raise self._bad(f"{kind} {ident}", "stands there twice; keep one")
                places[ident] = rule
        return SlackFile(
            public=self._names("public", values.get("public", [])),
            places=places,
            workspaces=tuple(map(self._workspace, self._tables(values, "workspace"))),
            limits=self._limits(values.get("limits", {})),
        )

    def _place(self, kind: str, table: Mapping[str, Any]) -> tuple[str, PlaceRule]:
        known = ("id", "collections", "followups", "ephemeral", "language")
        ident = str(table.get("id", ""))
        where = f"[[{kind}]] id"
        wanted = ("U", "W") if kind == "user" else ("C", "G", "D")
        if not PLACE_ID.fullmatch(ident) or not ident.startswith(wanted):
            raise self._bad(
                f"{where} {ident!r}", f"must be Slack's id of a {kind}, such as {wanted[0]}0123ABCD"
            )
        where = f"{kind} {ident}"
        self._require_known(table, where, known if kind == "channel" else ("id", "collections", "language"))
        named = table.get("collections")
        language = table.get("language")
        if language is not None and language not in LANGUAGES:
            raise self._bad(f"{where}: language {language!r}", f"must be {', '.join(LANGUAGES)}")
        return ident, PlaceRule(
            None if named is None else self._names(f"{where}: collections", named),
            self._boolean(where, table, "followups"),
            self._boolean(where, table, "ephemeral"),
            language,
        )

    def _workspace(self, table: Mapping[str, Any]) -> Workspace:
        self._require_known(table, "workspace", ("team", "token_variable"))
        team, variable = str(table.get("team", "")), str(table.get("token_variable", ""))
        if not _TEAM_ID.fullmatch(team):
            raise self._bad(f"[[workspace]] team {team!r}", "must be Slack's id, such as T0123ABCD")
        if not _VARIABLE.fullmatch(variable) or variable.startswith("xox"):
            # A token pasted here must not be echoed.
            raise self._bad(
                f"workspace {team}: token_variable", "must name the variable that holds its bot token"
            )
        return Workspace(team, variable)

    def _limits(self, table: Any) -> Limits:
        names = [spec.name for spec in fields(Limits)]
        if not isinstance(table, dict):
            raise self._bad("limits", "must be a table: [limits]")
        self._require_known(table, "limits", names)
        for name, value in table.items():
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_PER_DAY:
                raise self._bad(f"limits: {name} {value!r}", f"must be from 0 to {_MAX_PER_DAY}; 0: no limit")
        return Limits(**table)

    def _tables(self, values: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
        tables = values.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._bad(kind, f"must be tables, each begun by [[{kind}]]")
        return tables

    def _names(self, where: str, value: Any) -> frozenset[str]:
        if not isinstance(value, list) or not all(isinstance(name, str) and name.strip() for name in value):
            raise self._bad(where, 'must be a list of collections, such as ["handbook"]')
        return frozenset(value)

    def _boolean(self, where: str, table: Mapping[str, Any], name: str) -> bool | None:
        value = table.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self._bad(f"{where}: {name} {value!r}", "must be true or false")

    def _require_known(
        self, table: Mapping[str, Any], where: str, known: tuple[str, ...] | list[str]
    ) -> None:
        for name in table:
            if name not in known:
                place = f"{where}: " if where else ""
                raise self._bad(f"{place}unknown key {name!r}", f"known: {', '.join(known)}")

    def _bad(self, what: str, wanted: str) -> BadSetting:
        return BadSetting(f"{self.path}: {what}; {wanted}")


RULES_FILE = "slack_rules.sqlite"  # separate, so that deleting the queue's file loses no permissions

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
    """Audience of a channel."""

    PUBLIC = "public"  # everyone in the workspace
    PRIVATE = "private"  # its members; also group direct messages
    DIRECT = "direct"  # one user and the bot
    EXTERNAL = "external"  # also users of another organisation


@dataclass(frozen=True, slots=True)
class Origin:
    """A channel and the user who asks there, by Slack's ids."""

    team: str
    channel: str
    kind: ChannelKind
    user: str


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """Answer settings of a channel. language: "ko", "en", or None for the question's own."""

    followups: bool = True
    ephemeral: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Snapshot of all rules. places: by id of the channel or user."""

    public: frozenset[str]
    places: Mapping[str, PlaceRule]

    @property
    def nothing_is_open(self) -> bool:
        """Return whether no collection is visible anywhere."""
        return not self.public and not any(rule.collections for rule in self.places.values())

    def caller(self, origin: Origin, *, is_private: bool = False) -> Caller:
        """Return the caller, limited to what everyone who will read the answer may see.

        is_private: whether only the requester reads it; then that user's own collections are included.
        """
        return Caller(
            name="slack",
            collections=self._visible(origin, is_private=is_private or origin.kind is ChannelKind.DIRECT),
            scopes=frozenset({Scope.ASK}),
            id=caller_id(origin.team, origin.user),
        )

    def answer_settings(self, origin: Origin) -> AnswerSettings:
        """Return the settings; except in direct messages, the channel's language precedes the user's."""
        here, user = self._place(origin.channel), self._place(origin.user)
        is_direct = origin.kind is ChannelKind.DIRECT
        first, second = (user, here) if is_direct else (here, user)
        language = first.language or second.language
        return AnswerSettings(
            followups=here.followups is not False,
            ephemeral=bool(here.ephemeral) and not is_direct,
            language=None if language == "auto" else language,
        )

    def opening_command(self, origin: Origin) -> str:
        """Return the command that opens a collection there."""
        public = "inyong slack collection public NAME on"
        if origin.kind is ChannelKind.PUBLIC or self.nothing_is_open:
            return public
        place = origin.user if origin.kind is ChannelKind.DIRECT else origin.channel
        named = f"inyong slack channel set {place} --collections NAME"
        return f"{public} && {named}" if origin.kind is ChannelKind.EXTERNAL else named

    def _visible(self, origin: Origin, *, is_private: bool) -> frozenset[str]:
        here = self._place(origin.channel).collections
        own = (self._place(origin.user).collections or frozenset()) if is_private else frozenset[str]()
        if origin.kind is ChannelKind.EXTERNAL:
            # Public means the workspace; outsiders see only public collections opened to this channel.
            return (self.public & (here or frozenset())) | own
        if here is None:
            return self.public | own
        return (self.public & here if origin.kind is ChannelKind.PUBLIC else here) | own

    def _place(self, ident: str) -> PlaceRule:
        return self.places.get(ident, PlaceRule())


class RuleStore:
    """The rules of one store, from slack.toml and from commands. Thread-safe."""

    def __init__(self, home: Path, file: SlackFile | None = None) -> None:
        """Open nothing yet. file: contents of slack.toml."""
        self._file = file or SlackFile()
        self._database = Database(
            home / RULES_FILE, _SCHEMA, version=1, when_damaged="move it away and set the rules again"
        )

    def read(self) -> Rules:
        """Return the current rules, in less than a millisecond. Raises StoreUnavailable."""
        public, places = set(self._file.public), dict(self._file.places)
        if self._database.exists():
            with self._database.reading() as connection:
                marks = connection.execute("SELECT name, public FROM collections").fetchall()
                rules = connection.execute("SELECT id, rule FROM places").fetchall()
            for name, is_public in marks:
                (public.add if is_public else public.discard)(name)
            for ident, rule in rules:
                places[ident] = _merge(places.get(ident, PlaceRule()), _rule(rule))
        return Rules(frozenset(public), places)

    def set_place(self, ident: str, rule: PlaceRule) -> None:
        """Set the rule's fields for a channel or user; fields that are None stay unchanged."""
        with self._database.writing() as connection:
            row = connection.execute("SELECT rule FROM places WHERE id = ?", (ident,)).fetchone()
            merged = _merge(_rule(row[0]) if row else PlaceRule(), rule)
            connection.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (ident, _as_json(merged)))

    def forget_place(self, ident: str) -> bool:
        """Delete what commands set for it, so that slack.toml applies; return whether there was any."""
        if not self._database.exists():
            return False
        with self._database.writing() as connection:
            return connection.execute("DELETE FROM places WHERE id = ?", (ident,)).rowcount > 0

    def set_public(self, collection: str, *, public: bool) -> None:
        """Open a collection to everyone in the workspace, or close it."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO collections VALUES (?, ?)", (collection, int(public)))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def caller_id(team: str, user: str) -> str:
    """Return the id under which a user's answers are stored."""
    return f"slack:{team}:{user}"


def kind_of(channel: Mapping[str, Any]) -> ChannelKind:
    """Return the kind of a channel. channel: as in conversations.info, possibly incomplete."""
    if any(channel.get(name) for name in ("is_ext_shared", "is_pending_ext_shared")):
        return ChannelKind.EXTERNAL  # also a direct message across organisations
    if channel.get("is_im"):
        return ChannelKind.DIRECT
    if channel.get("is_mpim") or channel.get("is_group") or channel.get("is_private"):
        return ChannelKind.PRIVATE
    return ChannelKind.PUBLIC


def _merge(rule: PlaceRule, changes: PlaceRule) -> PlaceRule:
    changed = {
        spec.name: value for spec in fields(changes) if (value := getattr(changes, spec.name)) is not None
    }
    return replace(rule, **changed)


def _rule(stored: str) -> PlaceRule:
    values = json.loads(stored)
    if "collections" in values:
        values["collections"] = frozenset(values["collections"])
    return PlaceRule(**values)


def _as_json(rule: PlaceRule) -> str:
    values = {name: value for name, value in asdict(rule).items() if value is not None}
    if rule.collections is not None:
        values["collections"] = sorted(rule.collections)
    return json.dumps(values, ensure_ascii=False)


_CACHED_FOR_S = 60.0  # a channel can become public, or external, at any time
_MAX_CACHED = 1000


class ChannelKinds:
    """Cache of channel kinds. Bound to one event loop."""

    def __init__(self, posting: Posting) -> None:
        self._posting = posting
        self._cached: dict[tuple[str, str], tuple[float, ChannelKind]] = {}

    async def of(self, team: str, channel: str, reported: ChannelKind | None = None) -> ChannelKind:
        """Return the kind; if Slack refuses, `reported`, or else EXTERNAL, which may see least.

        reported: the kind given by the event. Raises TokenGone, SlackUnreachable.
        """
        if reported is ChannelKind.EXTERNAL:
            return reported
        cached = self._cached.get((team, channel))
        if cached and monotonic() - cached[0] < _CACHED_FOR_S:
            return cached[1]
        try:
            kind = kind_of(await self._posting.channel(team, channel))
        except SlackRefused as error:  # the bot is not a member, or lacks the scope
            _log.info("channel %s cannot be looked up: %s", channel, error.code)
            return reported or ChannelKind.EXTERNAL
        if len(self._cached) >= _MAX_CACHED:
            self._cached.clear()
        self._cached[team, channel] = (monotonic(), kind)
        return kind
