"""Chunking: spans worth indexing to passages, runs of whole sentences with exact offsets. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.chunking.sentences import split_sentences
from index.types import Section, Span


@dataclass(frozen=True, slots=True)
class PassageSize:
    """Length range of a passage in Korean characters; a Latin letter or digit counts half."""

    least: int = 200
    most: int = 450


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """A passage before it is stored: its span, its sentences' spans, its section's heading."""

    span: Span
    sentences: tuple[Span, ...]
    heading: str = ""


def build_passages(
    text: str, keep: Sequence[Span], sections: Sequence[Section] = (), size: PassageSize | None = None
) -> list[PassageSpan]:
    """Return passages that cover every sentence of `text` in `keep`, in order, none across a heading or gap.

    keep: ascending, disjoint. A sentence longer than `size.most` is split at commas or spaces; only outer
    white space is dropped.
    """
    size = size or PassageSize()
    passages: list[PassageSpan] = []
    for heading, area in _headed_areas(keep, sections):
        sentences = [
            piece
            for sentence in split_sentences(text, area)
            for piece in _split_long(text, sentence, size.most)
        ]
        for run in _runs(text, sentences, size):
            passages.append(PassageSpan(Span(run[0].start, run[-1].end), tuple(run), heading))
    return passages


def text_weight(text: str) -> int:
    """Return the length in Korean characters; Latin letters, digits and marks count half. Rounded up."""
    wide = sum(1 for c in text if c > "\u2e7f")
    return wide + (len(text) - wide + 1) // 2


def _headed_areas(keep: Sequence[Span], sections: Sequence[Section]) -> Iterator[tuple[str, Span]]:
    """Yield each span of `keep`, cut at section starts, with the heading in force. Linear in both."""
    heading, upcoming = "", 0
    for span in keep:
        start = span.start
        while upcoming < len(sections) and sections[upcoming].start < span.end:
            cut = sections[upcoming].start
            if cut > start:
                yield heading, Span(start, cut)
                start = cut
            heading = sections[upcoming].heading
            upcoming += 1
        yield heading, Span(start, span.end)


def _runs(text: str, sentences: Sequence[Span], size: PassageSize) -> list[list[Span]]:
    runs: list[list[Span]] = []
    weights: list[int] = []
    for sentence in sentences:
        weight = text_weight(sentence.of(text))
        if runs:
            new_paragraph = "\n\n" in text[runs[-1][-1].end : sentence.start]
            full = weights[-1] + weight > size.most or (new_paragraph and weights[-1] >= size.least)
            if not full:
                runs[-1].append(sentence)
                weights[-1] += weight
                continue
        runs.append([sentence])
        weights.append(weight)
    if len(runs) > 1 and weights[-1] < size.least // 2 and weights[-1] + weights[-2] <= size.most * 5 // 4:
        runs[-2].extend(runs.pop())  # a short tail is of little use alone
    return runs


def _split_long(text: str, sentence: Span, most: int) -> Iterator[Span]:
    """Yield pieces of at most `most` weight, cut after a comma or a space near the limit if possible."""
    start = sentence.start
    while sentence.end - start > most:
        piece = text[start : min(sentence.end, start + 2 * most)]
        if text_weight(piece) <= most and start + len(piece) == sentence.end:
            break
        limit = _longest_prefix(piece, most)
        cut = limit
        for mark in (", ", " "):
            found = piece.rfind(mark, limit // 2, limit)
            if found > 0:
                cut = found + len(mark)
                break
        end = start + cut
        yield _trim(text, Span(start, end))
        start = end
        while start < sentence.end and text[start].isspace():
            start += 1
    if start < sentence.end:
        yield Span(start, sentence.end)


def _longest_prefix(piece: str, most: int) -> int:
    halves = 0
    for position, character in enumerate(piece):
        halves += 2 if character > "\u2e7f" else 1
        if halves > 2 * most:
            return position
    return len(piece)


def _trim(text: str, span: Span) -> Span:
    end = span.end
    while end > span.start and text[end - 1].isspace():
        end -= 1
    return Span(span.start, end)
