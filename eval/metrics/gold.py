"""Locate gold spans in stored texts. Whether a passage covers one is decided in `metrics.matching`."""

import re
from collections.abc import Iterator

from eval.types import GoldSpan
from index.formats.normalise import normalise
from index.types import Span


def locate(gold: GoldSpan, text: str) -> tuple[Span, ...]:
    """Return every occurrence of the gold span in its document's stored text, by start; () if absent.

    A quote matches regardless of Unicode form, invisible characters and white space: any run of white space
    matches any other. `start` and `end` are taken as given, and match nothing beyond the end of the text.
    A span with neither is the whole text. text: in stored form (see `index.formats.normalise`).
    """
    if gold.quote is not None:
        # Verbatim first: normalising would strip the joiner from a quote cut inside a joined emoji.
        verbatim, normalised = gold.quote.split(), normalise(gold.quote).split()
        return tuple(_find_words(verbatim, text)) or tuple(_find_words(normalised, text))
    start = 0 if gold.start is None else gold.start
    end = len(text) if gold.end is None else gold.end
    return (Span(start, end),) if 0 <= start < end <= len(text) else ()


def _find_words(words: list[str], text: str) -> Iterator[Span]:
    """Yield every occurrence of the words separated by white space, including overlapping ones."""
    if not words:
        return
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    found = pattern.search(text)
    while found:
        yield Span(*found.span())
        found = pattern.search(text, found.start() + 1)
