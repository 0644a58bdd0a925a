"""Markdown: the rendered text in plain lines, with its headings as sections."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.formats.decode import decode_text
from index.formats.lines import Lines, shorten
from index.formats.normalise import normalise
from index.types import Document

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_MATTER_CHARS = 16_384
_MOST_ENTRIES = 64
_NOTHING = {"", "~", "null", "Null", "NULL"}
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[A-Za-z][^<>]*>|<[!?][^<>]*>", re.DOTALL)
_LINE_TAG = re.compile(r"<(?:br|/?(?:p|div|li|tr|h[1-6]))\b[^<>]*>", re.IGNORECASE)
_NESTING = 100  # deeper blocks are not parsed; the parser recurses
# The parser scans from every open bracket to the end of the paragraph: 100,000 of them took 5 s.
_OPEN_BRACKETS = 1000
_BRACKET = re.compile(r"[\[\]]")
_READABLE = re.compile(r"[^\W_]")


def read_markdown(data: bytes, media_type: str) -> Document:
    """Parse a Markdown file. Malformed front matter is read as text."""
    source = _tidy(decode_text(data))
    metadata, body = _split_front_matter(source)
    renderer = _Renderer()
    renderer.render(_parse(body))
    text, sections, _ = renderer.lines.finish()
    if not _READABLE.search(text):  # everything is nested deeper than the parser's limit
        text, sections = normalise(body).strip("\n"), ()
    title = metadata.pop("title", None) or renderer.title
    return Document(text=text, media_type=media_type, title=title, sections=sections, metadata=metadata)


def _tidy(source: str) -> str:
    """Normalise each line, preserving the two trailing spaces that mark a Markdown line break."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(normalise(line) + "  " * line.endswith("  ") for line in lines)


def _parse(source: str) -> list[Token]:
    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable(["table", "strikethrough"])
    if _deepest_bracket(source) > _OPEN_BRACKETS:
        parser.disable(["link", "image", "reference"])
    return parser.parse(source)


def _deepest_bracket(source: str) -> int:
    """Return the maximum number of brackets open at once."""
    deepest = depth = 0
    for match in _BRACKET.finditer(source):
        depth = depth + 1 if match[0] == "[" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _split_front_matter(source: str) -> tuple[dict[str, str], str]:
    """Return metadata and body; no metadata and the whole source if the front matter is invalid."""
    match = _FRONT_MATTER.match(source, 0, _FRONT_MATTER_CHARS)
    if not match:
        return {}, source
    try:
        # BaseLoader builds strings, lists and mappings only, and keeps "1.10" and "2026-01-05" as written.
        content = yaml.BaseLoader(match[1] or "").get_single_data()
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}, source
    if not isinstance(content, Mapping):
        return {}, source
    return _flat_metadata(content), source[match.end() :]


def _flat_metadata(content: Mapping[object, object]) -> dict[str, str]:
    metadata: dict[str, str] = {}
    for key, value in list(content.items())[:_MOST_ENTRIES]:
        items = value if isinstance(value, list) else [value]
        words = [item for item in items[:_MOST_ENTRIES] if isinstance(item, str) and item not in _NOTHING]
        name, text = shorten(str(key), 64).lower(), shorten(", ".join(words), 1000)
        if isinstance(key, str) and name and text:
            metadata[name] = text
    return metadata


@dataclass(slots=True)
class _List:
    number: int | None  # of the next item; None in a bulleted list


@dataclass(slots=True)
class _Renderer:
    """A renderer of the parser's flat list of tokens to lines, in one pass."""

    lines: Lines = field(default_factory=Lines)
    title: str | None = None
    lists: list[_List] = field(default_factory=list)
    prefix: str = ""
    heading: str = ""
    row: list[str] | None = None

    def render(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            match token.type:
                case "inline":
                    self._take_inline(_inline_text(token.children or []))
                case "fence" | "code_block":
                    self._take_code(token.content)
                case "html_block":
                    self._take_html(token.content)
                case "heading_open":
                    self.heading = token.tag
                    self.lines.ask_for_gap()
                case "heading_close":
                    self.heading = ""
                    self.lines.ask_for_gap()
                case "bullet_list_open" | "ordered_list_open":
                    self._open_list(token)
                case "bullet_list_close" | "ordered_list_close":
                    self.lists.pop()
                    if not self.lists:
                        self.lines.ask_for_gap()
                case "list_item_open":
                    self._open_item()
                case "list_item_close":
                    self.prefix = ""
                case "tr_open":
                    self.row = []
                case "tr_close":
                    self.lines.add(" | ".join(self.row or []).rstrip(" |"))
                    self.row = None
                case "paragraph_open" | "paragraph_close" if not self.lists:
                    self.lines.ask_for_gap()
                case "table_open" | "table_close" | "blockquote_open" | "blockquote_close" | "hr":
                    self.lines.ask_for_gap()
                case _:
                    pass

    def _open_list(self, token: Token) -> None:
        if not self.lists:
            self.lines.ask_for_gap()
        start = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
        self.lists.append(_List(start))

    def _open_item(self) -> None:
        current = self.lists[-1]
        mark = "-" if current.number is None else f"{current.number}."
        if current.number is not None:
            current.number += 1
        self.prefix = f"{'  ' * (len(self.lists) - 1)}{mark} "

    def _take_inline(self, text: str) -> None:
        if self.row is not None:
            self.row.append(" ".join(text.split()))
            return
        start = self.lines.count
        for line in text.split("\n"):
            if self.lines.add(line, self.prefix):
                self.prefix = ""
        if self.heading:
            heading = self.lines.mark_section(start)
            if self.heading == "h1" and heading and self.title is None:
                self.title = heading

    def _take_code(self, code: str) -> None:
        self.prefix = ""
        self.lines.ask_for_gap()
        self.lines.add_verbatim(code.rstrip("\n"))
        self.lines.ask_for_gap()

    def _take_html(self, source: str) -> None:
        self.lines.ask_for_gap()
        for line in _TAG.sub("", _LINE_TAG.sub("\n", source)).split("\n"):
            self.lines.add(line)
        self.lines.ask_for_gap()


def _inline_text(children: Sequence[Token]) -> str:
    """Return the text of inline tokens: links as their text, images as their description, wraps as spaces."""
    parts: list[str] = []
    for child in children:
        match child.type:
            case "text" | "code_inline":
                parts.append(child.content)
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(_inline_text(child.children or []))
            case "html_inline" if _LINE_TAG.fullmatch(child.content):
                parts.append("\n")
            case _:
                pass
    return "".join(parts)
