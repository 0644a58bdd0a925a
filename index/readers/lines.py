"""Readable text grown line by line, already in stored form, with the places that matter in it.

Readers of marked-up formats share it: places are kept as line numbers until the text is finished, so that
lines can still be joined, and become offsets only then.
"""

from collections.abc import Sequence

from index.normalise import normalise
from index.types import Section, Span


class Lines:
    """The text so far. `text`, `sections` and `asides` may be asked for when it is complete."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._gap = False
        self._sections: list[tuple[int, str]] = []  # line number, heading
        self._asides: list[tuple[int, int]] = []  # line numbers, half open

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    @property
    def has_gap_ahead(self) -> bool:
        """Whether a blank line has been asked for."""
        return self._gap

    def ask_for_gap(self) -> None:
        """Has a blank line put before the next line, unless there is one."""
        self._gap = True

    def add(self, raw: str, prefix: str = "") -> bool:
        """Whether a line came of `raw`, white space collapsed; none does when nothing is left."""
        line = " ".join(raw.split())
        plain = normalise(line)
        if plain != line:  # a removed character may have stood between two spaces
            line = " ".join(plain.split())
        if line:
            self._append(normalise(prefix + line))
        return bool(line)

    def add_verbatim(self, raw: str) -> None:
        """Adds the lines of `raw` as they are, with their indentation and blank lines."""
        for line in normalise(raw).split("\n"):
            self._append(line)

    def _append(self, line: str) -> None:
        if self._gap and self._lines and self._lines[-1]:
            self._lines.append("")
        self._gap = False
        if line or self._lines:
            self._lines.append(line)

    def chars_since(self, start: int) -> int:
        """How many characters the lines from number `start` on hold."""
        return sum(len(self._lines[number]) for number in range(start, len(self._lines)))

    def join_since(self, starts: Sequence[int], separator: str, with_gap: bool) -> None:
        """Makes one line of all since starts[0]; each start begins a new part, blank lines vanish.

        with_gap: whether a blank line precedes it. Changes nothing when fewer than two parts hold anything.
        """
        ends = [*starts[1:], len(self._lines)]
        parts = [
            " ".join(line for line in self._lines[start:end] if line)
            for start, end in zip(starts, ends, strict=True)
        ]
        if sum(map(bool, parts)) < 2:
            return
        while not parts[-1]:
            parts.pop()
        self._gap = with_gap
        del self._lines[starts[0] :]
        self._append(normalise(" ".join(separator.join(parts).split())))

    def mark_section(self, start: int) -> str:
        """The heading made of the lines since number `start`; empty when there are none."""
        first = self._first_filled(start)
        heading = ""
        if first is not None:
            heading = shorten(" ".join(line for line in self._lines[first:] if line))
            while self._sections and self._sections[-1][0] >= first:  # a heading inside this one
                self._sections.pop()
            self._sections.append((first, heading))
        return heading

    def mark_aside(self, start: int) -> None:
        """Sets the lines since number `start` apart from the article, in place of smaller ones in there."""
        while self._asides and self._asides[-1][0] >= start:
            self._asides.pop()
        first = self._first_filled(start)
        if first is not None:
            self._asides.append((first, len(self._lines)))

    def _first_filled(self, start: int) -> int | None:
        return next((number for number in range(start, len(self._lines)) if self._lines[number]), None)

    def finish(self) -> tuple[str, tuple[Section, ...], tuple[Span, ...]]:
        """The whole text, its sections and its asides, with offsets into it."""
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        offsets, position = [], 0
        for line in self._lines:
            offsets.append(position)
            position += len(line) + 1
        sections = tuple(Section(offsets[number], heading) for number, heading in self._sections)
        asides = []
        for first, beyond in self._asides:
            last = min(beyond, len(self._lines)) - 1
            while not self._lines[last]:
                last -= 1
            asides.append(Span(offsets[first], offsets[last] + len(self._lines[last])))
        return "\n".join(self._lines), sections, tuple(asides)


def shorten(raw: str, most_chars: int = 300) -> str:
    """`raw` as one line in stored form, cut off when overlong: for titles and metadata."""
    line = " ".join(normalise(raw[: 4 * most_chars]).split())
    return normalise(line[:most_chars])
