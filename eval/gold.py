"""Where a gold span stands in a stored text. Whether a passage covers it is for the metrics to say."""

import re
from collections.abc import Iterator

from eval.types import GoldSpan
from index.normalise import normalise
from index.types import Span


def locate(gold: GoldSpan, text: str) -> tuple[Span, ...]:
    """Every place of the gold span in its document's stored text, by start; none when it is not there.

    A quote is found with its Unicode form, its invisible characters and its white space folded: any run of
    spaces and line ends stands for any other. `start` and `end` are taken as given, and are nowhere when
    they lie beyond the text. A span with neither is the whole text.
    text: in stored form (see `index.normalise`).
    """
    if gold.quote is not None:
        # As it stands first: normalising would take the joiner from a quote cut inside a joined picture.
        as_it_stands, folded = gold.quote.split(), normalise(gold.quote).split()
        return tuple(_find_words(as_it_stands, text)) or tuple(_find_words(folded, text))
    start = 0 if gold.start is None else gold.start
    end = len(text) if gold.end is None else gold.end
    return (Span(start, end),) if 0 <= start < end <= len(text) else ()


def _find_words(words: list[str], text: str) -> Iterator[Span]:
    """Every place of the words with white space between them, overlapping places too."""
    if not words:
        return
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    found = pattern.search(text)
    while found:
        yield Span(*found.span())
        found = pattern.search(text, found.start() + 1)
