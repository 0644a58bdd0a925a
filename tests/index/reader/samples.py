"""Passages for tests of readers."""

from index.reader.types import ReaderPassage
from index.types import Span


def make_passage(*sentences: str, title: str = "", heading: str = "", start: int = 0) -> ReaderPassage:
    """Return a passage of these sentences, a space between two, that begins at `start` of its document."""
    spans, at = [], start
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    return ReaderPassage(title, heading, " ".join(sentences), start, tuple(spans))
