"""Readable text built line by line in stored form, with its sections and asides.

Shared by readers of marked-up formats. Positions are line numbers until the text is finished, so that lines
can still be joined; only then do they become offsets.
"""

from collections.abc import Sequence

from index.formats.normalise import normalise
from index.types import Section, Span


class Lines:
    """A text under construction; `finish` returns it with its sections and asides."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._gap = False
        self._sections: list[tuple[int, str]] = []  # line number, heading
        self._asides: list[tuple[int, int]] = []  # line numbers, half open

    @property
    def count(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    @property
    def has_gap_ahead(self) -> bool:
        """Return whether a blank line is pending."""
        return self._gap

    def ask_for_gap(self) -> None:
        """Request a blank line before the next line, unless there is one."""
        self._gap = True

    def add(self, raw: str, prefix: str = "") -> bool:
        """Append `raw` as one line, white space collapsed; return False if nothing is left of it."""
        line = " ".join(raw.split())
        plain = normalise(line)
        if plain != line:  # a removed character may have separated two spaces
            line = " ".join(plain.split())
        if line:
            self._append(normalise(prefix + line))
        return bool(line)

    def add_verbatim(self, raw: str) -> None:
        """Append the lines of `raw` unchanged, with their indentation and blank lines."""
        for line in normalise(raw).split("\n"):
            self._append(line)

    def _append(self, line: str) -> None:
        if self._gap and self._lines and self._lines[-1]:
            self._lines.append("")
        self._gap = False
        if line or self._lines:
            self._lines.append(line)

    def chars_since(self, start: int) -> int:
        """Return the number of characters from line `start` on."""
        return sum(len(self._lines[number]) for number in range(start, len(self._lines)))

    def join_since(self, starts: Sequence[int], separator: str, with_gap: bool) -> None:
        """Join all lines from starts[0] on into one; each start begins a new part, blank lines are dropped.

        with_gap: whether a blank line precedes it. A no-op if fewer than two parts are non-empty.
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
        """Mark the lines from `start` on as a section heading; return it, "" if there are none."""
        first = self._first_filled(start)
        heading = ""
        if first is not None:
            heading = shorten(" ".join(line for line in self._lines[first:] if line))
            while self._sections and self._sections[-1][0] >= first:  # a heading inside this one
                self._sections.pop()
            self._sections.append((first, heading))
        return heading

    def mark_aside(self, start: int) -> None:
        """Mark the lines from `start` on as outside the article, replacing asides among them."""
        while self._asides and self._asides[-1][0] >= start:
            self._asides.pop()
        first = self._first_filled(start)
        if first is not None:
            self._asides.append((first, len(self._lines)))

    def _first_filled(self, start: int) -> int | None:
        return next((number for number in range(start, len(self._lines)) if self._lines[number]), None)

    def finish(self) -> tuple[str, tuple[Section, ...], tuple[Span, ...]]:
        """Return the whole text, its sections and its asides, with offsets into it."""
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
    """Return `raw` as one line in stored form, truncated to `most_chars`: for titles and metadata."""
    line = " ".join(normalise(raw[: 4 * most_chars]).split())
    return normalise(line[:most_chars])
