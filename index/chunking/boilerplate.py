"""Boilerplate removal: which parts of a document are worth indexing. Pure.

Web pages saved as text contain duplicated captions, sharing buttons, rankings and copyright lines. These are
not indexed, but stay in the stored text, so offsets remain valid. Other documents must pass unchanged, so a
line is removed only if it is certainly boilerplate.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.chunking import clutter_patterns as clutter
from index.types import Document, Span

_REPEAT_CHARS = 12  # shorter lines may be repeated on purpose
_WORD = re.compile(r"[^\W\d_]{2}")  # a row of numbers may equal the previous one
_READABLE = re.compile(r"[^\W_]")
_TABLE_RULE = re.compile(r"[-+|:=_ ─━│┃┼├┤]{3,}")
_CLAUSE = re.compile(r"제\s?\d+\s?[조장절항]")
_LABELLED = re.compile(r"[^\s:：]{1,12}\s?[:：]\s|[QA문답]\d{0,3}[.)]\s")
_LIST_ITEM = re.compile(r"[-*•·◦▪▶※○●□■◆◇]|\(?\d{1,3}[.)]|[가-하][.)]|[①-⑳]|제\s?\d+\s?[조장절항]")


@dataclass(frozen=True, slots=True)
class _Line:
    """A non-blank line; `words` is its trimmed text."""

    span: Span  # trimmed
    words: str
    is_aside: bool
    is_heading: bool
    after_blank: bool


def keep_spans(document: Document) -> list[Span]:
    """Return the spans worth indexing: ascending, disjoint, trimmed runs of whole lines.

    A run continues across blank lines and ends at a removed line. Linear in the text.
    """
    lines = list(_filled_lines(document))
    kept = [keep and not line.is_aside for line, keep in zip(lines, _verdicts(lines, document), strict=True)]
    spans: list[Span] = []
    open_run = False
    for line, keep in zip(lines, kept, strict=True):
        if keep and open_run:
            spans[-1] = Span(spans[-1].start, line.span.end)
        elif keep:
            spans.append(line.span)
        open_run = keep
    return spans


def _filled_lines(document: Document) -> Iterator[_Line]:
    text, asides = document.text, document.asides
    headings = {section.start for section in document.sections}
    aside, start, after_blank = 0, 0, True
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        raw = text[start:end]
        words = raw.strip()
        if words:
            first = start + len(raw) - len(raw.lstrip())
            span = Span(first, first + len(words))
            while aside < len(asides) and asides[aside].end <= span.start:
                aside += 1
            is_aside = aside < len(asides) and asides[aside].start < span.end
            is_heading = start in headings or first in headings
            yield _Line(span, words, is_aside, is_heading, after_blank)
        after_blank = not words
        start = end + 1


def _verdicts(lines: Sequence[_Line], document: Document) -> Iterator[bool]:
    """Yield for each line whether to index it."""
    widgets = _widget_lines(lines)
    repeats = _Repeats()
    ranking = _Ranking(authors_own_headings=document.media_type == "text/markdown")
    for number, line in enumerate(lines):
        if line.is_aside:
            yield False
        elif not _READABLE.search(line.words):
            yield _is_rule_between_rows(lines, number)
        else:
            yield not (
                clutter.is_image_link(line.words)
                or clutter.is_copyright_notice(line.words)
                or ranking.holds(line, is_first=number == 0)
                or number in widgets
                or repeats.hold(line)
            )


def _is_rule_between_rows(lines: Sequence[_Line], number: int) -> bool:
    """Return whether removing the line would split a drawn table."""
    if not 0 < number < len(lines) - 1:
        return False
    neighbours = (lines[number - 1], lines[number + 1])
    return bool(_TABLE_RULE.fullmatch(lines[number].words)) and all(
        "|" in line.words or "│" in line.words for line in neighbours
    )


class _Repeats:
    """Lines seen so far, to distinguish duplicated photo captions from deliberate repetition.

    A line that repeats the previous one is a duplicate. A later repetition must also be a complete statement
    or credit in the same section: clauses, code and answers recur too, and a wrapped line is half a sentence.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._previous = ""

    def hold(self, line: _Line) -> bool:
        """Return whether `line` is a duplicate, and record it."""
        previous, words = self._previous, line.words
        self._previous = words
        if line.is_heading:
            self._seen.clear()
            return False
        if len(words) < _REPEAT_CHARS or " | " in words or "\t" in words or _LIST_ITEM.match(words):
            return False
        if words == previous:
            return bool(_WORD.search(words))
        if not clutter.is_caption(words) or _LABELLED.match(words):
            return False
        if words not in self._seen:
            self._seen.add(words)
            return False
        return line.after_blank or clutter.is_caption(previous)


def _widget_lines(lines: Sequence[_Line]) -> set[int]:
    """Return the indices of lines that are buttons or counters.

    A word such as "Print" or "페이스북" may be a line of a manual or a list, so it counts as a button only
    next to another one.
    """
    found: set[int] = set()
    run: list[int] = []
    kinds: list[clutter.Button] = []
    for number, line in enumerate(lines):
        here = [] if line.is_heading or line.is_aside else clutter.button_kinds(line.words)
        if here:
            run.append(number)
            kinds += here
        elif _READABLE.search(line.words):
            if clutter.are_buttons(kinds):
                found.update(run)
            run, kinds = [], []
    if clutter.are_buttons(kinds):
        found.update(run)
    return found


class _Ranking:
    """A "most read" or "related articles" list: its heading, and headlines until the article resumes."""

    _MOST_LINES = 20  # longer than any real list; later lines are indexed

    def __init__(self, authors_own_headings: bool) -> None:
        self._authors_own_headings = authors_own_headings
        self._lines_left = 0

    def holds(self, line: _Line, is_first: bool) -> bool:
        """Return whether `line` is part of such a list."""
        if clutter.is_ranking_heading(line.words):
            # A first line is the document's title, a Markdown heading the author's own.
            if is_first or (line.is_heading and self._authors_own_headings):
                self._lines_left = 0
                return False
            self._lines_left = self._MOST_LINES
            return True
        if self._lines_left and (line.is_heading or self._ends_at(line)):
            self._lines_left = 0
        if not self._lines_left:
            return False
        self._lines_left -= 1
        return not clutter.is_byline(line.words)

    @staticmethod
    def _ends_at(line: _Line) -> bool:
        words = line.words
        if len(words) > clutter.HEADLINE_CHARS or " | " in words or "\t" in words or _CLAUSE.match(words):
            return True
        return clutter.is_prose(words, 40 if line.after_blank else 80)
