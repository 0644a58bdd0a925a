"""JSON objects of question sets, read field by field; errors name the place and the field."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.errors import BadQuestionSet


@dataclass(frozen=True, slots=True)
class Record:
    """A JSON object. place: file and line, for messages; prefix: path of the object, as "gold[0][1].".

    A field that is null counts as missing. Every method raises BadQuestionSet for a value of another type.
    """

    values: Mapping[str, Any]
    place: str
    prefix: str = ""

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def mistake(self, name: str, what: str) -> BadQuestionSet:
        """Return an error that says what is wrong with the field."""
        return BadQuestionSet(f"{self.place}: {self.prefix}{name} {what}")

    def require_known(self, names: Sequence[str]) -> None:
        """Raise BadQuestionSet for a field of any other name, most often a typo."""
        for name in self.values:
            if name not in names:
                raise self.mistake(repr(name), f"is not a field here; there are {', '.join(names)}")

    def text(self, name: str) -> str:
        """Return a string, which may be empty."""
        return self._text(name, self._required(name))

    def filled(self, name: str) -> str:
        """Return a non-blank string."""
        return self._filled(name, self._required(name))

    def flag(self, name: str) -> bool:
        """Return a boolean."""
        value = self._required(name)
        if not isinstance(value, bool):
            raise self.mistake(name, f"must be true or false, not {_shown(value)}")
        return value

    def number(self, name: str) -> int:
        """Return a non-negative integer."""
        value = self._required(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.mistake(name, f"must be a whole number from 0, not {_shown(value)}")
        return value

    def strings(self, name: str) -> tuple[str, ...]:
        """Return non-blank strings; none if the field is missing."""
        return self._strings(name, self.values.get(name, []))

    def string_groups(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Return non-empty lists of non-blank strings; none if the field is missing."""
        return tuple(self._strings(where, group) for where, group in self._groups(name))

    def records(self, name: str) -> tuple["Record", ...]:
        """Return objects; none if the field is missing."""
        return self._records(name, self.values.get(name))

    def record_groups(self, name: str) -> tuple[tuple["Record", ...], ...]:
        """Return non-empty lists of objects; none if the field is missing."""
        return tuple(self._records(where, group) for where, group in self._groups(name))

    def _required(self, name: str) -> Any:
        if name not in self:
            raise self.mistake(name, "is missing")
        return self.values[name]

    def _text(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise self.mistake(name, f"must be a string, not {_shown(value)}")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self.mistake(name, "holds half of a character (a lone surrogate); write it anew")
        return value

    def _filled(self, name: str, value: Any) -> str:
        text = self._text(name, value)
        if not text.strip():
            raise self.mistake(name, "must not be empty")
        return text

    def _list(self, name: str, value: Any) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.mistake(name, f"must be a list, not {_shown(value)}")
        return value

    def _strings(self, name: str, value: Any) -> tuple[str, ...]:
        items = self._list(name, value)
        return tuple(self._filled(f"{name}[{number}]", item) for number, item in enumerate(items))

    def _records(self, name: str, value: Any) -> tuple["Record", ...]:
        records = []
        for number, item in enumerate(self._list(name, value)):
            if not isinstance(item, dict):
                raise self.mistake(f"{name}[{number}]", f"must be an object, not {_shown(item)}")
            records.append(Record(item, self.place, f"{self.prefix}{name}[{number}]."))
        return tuple(records)

    def _groups(self, name: str) -> list[tuple[str, list[Any]]]:
        groups = []
        for number, value in enumerate(self._list(name, self.values.get(name))):
            where = f"{name}[{number}]"
            group = self._list(where, value)
            if not group:
                raise self.mistake(where, "must not be empty: a group lists its alternatives")
            groups.append((where, group))
        return groups


def parse_record(text: str, place: str) -> Record:
    """Parse the JSON object in `text`. Raises BadQuestionSet naming the place."""
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except RecursionError as error:
        raise BadQuestionSet(f"{place}: is nested too deeply") from error
    except ValueError as error:
        raise BadQuestionSet(f"{place}: is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise BadQuestionSet(f"{place}: must be a JSON object, not {_shown(value)}")
    return Record(value, place)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice!r} occurs twice in one object")
    return values


def _shown(value: Any) -> str:
    """Return the value as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"
