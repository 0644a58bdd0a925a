"""Plain text: the text unchanged, with a title if the first lines contain a headline."""

import re

from index.formats.decode import decode_text
from index.formats.normalise import normalise
from index.types import Document

_HEADLINE_CHARS = range(10, 101)
_SENTENCE_END = re.compile(
    r"[.!?。！？:;,][\"'”’」』)\]]*(?:\s?\([^()]*\))?\Z|(?:니다|었다|했다|한다|된다|이다)\Z"
)
_LETTER = re.compile(r"[^\W\d_]")
_MENU = re.compile(r"\|[^|]+\|")  # a page saved as text: "Home | News | Contact"
_URL = re.compile(r"(?:https?://|www\.)\S+")
_DATE = re.compile(r"[\d\s.\-/:,년월일시분초()월화수목금토요오전후APMapm]+")


def read_text(data: bytes, media_type: str) -> Document:
    """Parse a plain text file."""
    text = normalise(decode_text(data)).strip("\n")
    return Document(text=text, media_type=media_type, title=find_headline(text))


def find_headline(text: str) -> str | None:
    """Return the headline among the first three non-blank lines, or None; never the last line of a text."""
    lines = _first_lines(text, 4)
    for line in lines[:3]:
        if line is not lines[-1] and _is_headline(line):
            return line
    return None


def _first_lines(text: str, n_lines: int) -> list[str]:
    """Return the first non-blank lines, trimmed; at most `n_lines`."""
    lines: list[str] = []
    start = 0
    while start < len(text) and len(lines) < n_lines:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end].strip()
        if line:
            lines.append(line)
        start = end + 1
    return lines


def _is_headline(line: str) -> bool:
    return (
        len(line) in _HEADLINE_CHARS
        and bool(_LETTER.search(line))
        and not _MENU.search(line)
        and not _URL.search(line)
        and not _DATE.fullmatch(line)
        and not _SENTENCE_END.search(line)
    )
