"""slack.toml: how the bot behaves, as its operator wrote it down beside inyong.toml. It holds no secrets."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from service.errors import BadSetting

SLACK_FILE = "slack.toml"
LANGUAGES = ("ko", "en", "auto")
PLACE_ID = re.compile(r"[CGDUW][A-Z0-9]{2,30}")  # channels, groups, direct messages, people
_TEAM_ID = re.compile(r"[TE][A-Z0-9]{2,30}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_MOST_PER_DAY = 1_000_000


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """What was decided for one channel or person; None: nothing was.

    collections: of documents that may be seen there. followups: whether replies in a thread are questions
    without a mention. ephemeral: whether answers are shown to the asker alone. language: "ko", "en", "auto".
    """

    collections: frozenset[str] | None = None
    followups: bool | None = None
    ephemeral: bool | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """A further workspace. token_variable: the environment variable that holds its bot token."""

    team: str
    token_variable: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Questions that may be asked; 0: any number."""

    user_per_hour: int = 30
    user_per_day: int = 200
    workspace_per_hour: int = 500
    workspace_per_day: int = 5000


@dataclass(frozen=True, slots=True)
class SlackFile:
    """What slack.toml says; all of it may be left out."""

    public: frozenset[str] = frozenset()
    places: Mapping[str, PlaceRule] = field(default_factory=dict)  # by id of the channel or person
    workspaces: tuple[Workspace, ...] = ()
    limits: Limits = Limits()


def read_slack_file(folder: Path | None = None) -> SlackFile:
    """What slack.toml in the folder, by default the current one, says. Raises BadSetting."""
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
            self._switch(where, table, "followups"),
            self._switch(where, table, "ephemeral"),
            language,
        )

    def _workspace(self, table: Mapping[str, Any]) -> Workspace:
        self._require_known(table, "workspace", ("team", "token_variable"))
        team, variable = str(table.get("team", "")), str(table.get("token_variable", ""))
        if not _TEAM_ID.fullmatch(team):
            raise self._bad(f"[[workspace]] team {team!r}", "must be Slack's id, such as T0123ABCD")
        if not _VARIABLE.fullmatch(variable) or variable.startswith("xox"):
            # A token pasted here is not repeated.
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
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_PER_DAY:
                raise self._bad(
                    f"limits: {name} {value!r}", f"must be from 0 to {_MOST_PER_DAY}; 0: no limit"
                )
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

    def _switch(self, where: str, table: Mapping[str, Any], name: str) -> bool | None:
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
