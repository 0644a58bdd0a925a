"""HTML: the visible text of a page in plain lines, with its headings, boilerplate and metadata.

Invisible, and so omitted: scripts, styles, the head; elements with the `hidden` attribute or with
display: none, visibility: hidden, opacity: 0 or font-size: 0 in their style attribute; closed dialogs. Style
sheets are ignored. Content with `aria-hidden` is included, since only screen readers skip it.
"""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from index.formats.decode import decode_html
from index.formats.lines import Lines, shorten
from index.formats.nesting import flatten_deep_nesting
from index.types import Document

_NOT_SHOWN = frozenset(
    "head script style template noscript title desc metadata defs datalist iframe object embed audio video "
    "canvas map area -comment -doctype".split()
)
_HIDING_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?:opacity|font-size)\s*:\s*0(?![.\d]*[1-9]))",
    re.IGNORECASE,
)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_GAPPED = _HEADINGS | frozenset(
    "p table blockquote pre figure dl hr section article main fieldset details".split()
)
_LINED = frozenset(
    "div li ul ol tr dt dd address caption figcaption summary legend center body html nav footer aside "
    "header form dialog menu td th thead tbody tfoot optgroup option select textarea button search "
    "hgroup".split()
)
_BREAKING = _GAPPED | _LINED
_ASIDE_TAGS = frozenset("nav footer aside button select textarea".split())
_CONTROLS = frozenset("button select textarea".split())
_ASIDE_ROLES = frozenset("navigation complementary contentinfo banner search".split())
_ARTICLE_TAGS = frozenset(["article", "main"])
_APART = _HEADINGS | frozenset(["table", "pre", "form"])  # a row with one of these is page layout
_LISTS = frozenset(["ul", "ol", "menu"])

# Some servers wrap the whole page in one form; only a form with at most this much text is boilerplate.
_FORM_CHARS = 500
# A table row becomes one line unless it has more text than this, which indicates page layout.
_ROW_CHARS = 2000
_ROW_LINES = 40

_META_NAMES = {
    "author": "author",
    "article:author": "author",
    "article:published_time": "date",
    "date": "date",
    "dc.date": "date",
    "description": "description",
    "og:description": "description",
    "og:site_name": "site_name",
}


def read_html(data: bytes, media_type: str) -> Document:
    """Parse an HTML file."""
    tree = LexborHTMLParser(flatten_deep_nesting(decode_html(data)))
    page = _Page()
    if tree.root is not None:
        page.walk(tree.root)
    text, sections, asides = page.lines.finish()
    metadata = _read_metadata(tree)
    title = _page_title(tree) or metadata.pop("og:title", "") or page.title
    metadata.pop("og:title", None)
    return Document(
        text=text,
        media_type=media_type,
        title=title or None,
        sections=sections,
        asides=asides,
        metadata=metadata,
    )


def _page_title(tree: LexborHTMLParser) -> str:
    node = tree.head.css_first("title") if tree.head else None
    return shorten(node.text() or "") if node else ""


def _read_metadata(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the page's metadata, the first value of each kind, including `og:title`."""
    metadata: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = (attributes.get("name") or attributes.get("property") or "").strip().lower()
        key = "og:title" if name == "og:title" else _META_NAMES.get(name)
        value = shorten(attributes.get("content") or "", 1000)
        if key and value:
            metadata.setdefault(key, value)
    return metadata


@dataclass(slots=True)
class _Row:
    """A table row being read: the line number at which each cell begins; `apart` for page layout."""

    after_gap: bool
    cells: list[int] = field(default_factory=list)
    apart: bool = False


@dataclass(slots=True)
class _Open:
    """An open element, and the line number at which it began."""

    node: LexborNode
    tag: str
    start: int
    is_aside: bool


@dataclass(slots=True)
class _Page:
    """A traversal of the tree with an explicit stack, since pages nest deeper than Python recurses."""

    lines: Lines = field(default_factory=Lines)
    title: str = ""
    pieces: list[str] = field(default_factory=list)  # of the line being read
    prefix: str = ""
    lists: list[int | None] = field(default_factory=list)  # number of the next item; None for bullets
    rows: list[_Row] = field(default_factory=list)
    pre_depth: int = 0
    article_depth: int = 0

    def walk(self, root: LexborNode) -> None:
        stack: list[_Open] = []
        node: LexborNode | None = root
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                self.pieces.append(node.text_content or "")
            elif opened := self._enter(node, tag):
                child = node.first_child
                if child is not None:
                    stack.append(opened)
                    node = child
                    continue
                self._leave(opened)
            node = node.next
            while node is None and stack:
                opened = stack.pop()
                self._leave(opened)
                node = opened.node.next
        self._end_line()

    def _enter(self, node: LexborNode, tag: str) -> _Open | None:
        """Open an element; return None if its content is to be skipped."""
        attributes = node.attributes
        if tag in _NOT_SHOWN or _is_hidden(tag, attributes):
            return None
        if tag == "br":
            if not self._end_line():
                self.lines.ask_for_gap()
            return None
        is_aside = self._is_aside(tag, attributes.get("role") or "")
        if tag in _BREAKING or is_aside:
            self._end_line()
        if tag in _GAPPED:
            self.lines.ask_for_gap()
        if self.rows and (is_aside or tag in _APART):
            self.rows[-1].apart = True
        if tag in _LISTS:
            if not self.lists:
                self.lines.ask_for_gap()
            self.lists.append(_first_number(attributes.get("start")) if tag == "ol" else None)
        elif tag == "li":
            self.prefix = self._item_mark()
        elif tag in _HEADINGS:
            self.prefix = ""
        elif tag == "pre":
            self.pre_depth += 1
        elif tag == "tr":
            self.rows.append(_Row(self.lines.has_gap_ahead))
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].cells.append(self.lines.count)
        elif tag in _ARTICLE_TAGS:
            self.article_depth += 1
        return _Open(node, tag, self.lines.count, is_aside)

    def _leave(self, opened: _Open) -> None:
        tag = opened.tag
        if tag in _BREAKING or opened.is_aside:
            self._end_line()
        if tag in _GAPPED:
            self.lines.ask_for_gap()
        if tag in _LISTS:
            self.lists.pop()
            if not self.lists:
                self.lines.ask_for_gap()
        elif tag == "li":
            self.prefix = ""
        elif tag in _HEADINGS:
            heading = self.lines.mark_section(opened.start)
            if tag == "h1" and not self.title:
                self.title = heading
        elif tag == "pre":
            self.pre_depth -= 1
        elif tag == "tr":
            self._end_row(self.rows.pop())
        elif tag in _ARTICLE_TAGS:
            self.article_depth -= 1
        if opened.is_aside or (tag == "form" and self.lines.chars_since(opened.start) <= _FORM_CHARS):
            self.lines.mark_aside(opened.start)

    def _end_line(self) -> bool:
        """Flush the pending text as a line; return whether it held anything readable."""
        if not self.pieces:
            return False
        raw = "".join(self.pieces)
        self.pieces.clear()
        if not self.pre_depth:
            added = self.lines.add(raw, self.prefix)
        else:
            added = bool(raw.strip())
            if added:
                self.lines.add_verbatim(raw.rstrip("\n"))
        if added:
            self.prefix = ""
        return added

    def _end_row(self, row: _Row) -> None:
        if row.apart or len(row.cells) < 2 or self.lines.count - row.cells[0] > _ROW_LINES:
            return
        if self.lines.chars_since(row.cells[0]) <= _ROW_CHARS:
            self.lines.join_since(row.cells, " | ", row.after_gap)

    def _is_aside(self, tag: str, role: str) -> bool:
        if tag in _CONTROLS:
            return not self.rows  # in a table they are part of a cell's content
        if tag == "header" or role == "banner":
            return not self.article_depth
        return tag in _ASIDE_TAGS or role in _ASIDE_ROLES

    def _item_mark(self) -> str:
        number = self.lists[-1] if self.lists else None
        if number is not None:
            self.lists[-1] = number + 1
        indent = "  " * min(len(self.lists) - 1, 8)
        return f"{indent}- " if number is None else f"{indent}{number}. "


def _is_hidden(tag: str, attributes: dict[str, str | None]) -> bool:
    if not attributes:
        return tag == "dialog"
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    if tag == "dialog" and "open" not in attributes:
        return True
    style = attributes.get("style")
    return bool(style and _HIDING_STYLE.search(style[:1000]))


def _first_number(start: str | None) -> int:
    return int(start) if start and len(start) < 7 and start.isascii() and start.isdecimal() else 1
