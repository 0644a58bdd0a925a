"""Cut excerpts around an answer's quotes and the gold spans out of their documents. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eval.metrics.gold import locate
from eval.types import Prediction, Question
from index.types import Span

CONTEXT_CHARS = 200  # shown on either side
CITED, GOLD = "cited", "gold"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. kinds: CITED, GOLD, both, or none for the surrounding context."""

    text: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a document in pieces. cut_before, cut_after: there is more text on that side."""

    document: str
    start: int
    end: int
    pieces: tuple[Piece, ...]
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything cited or gold, by document in citation order, and what could not be located.

    misquoted: citations whose quote differs from the text of their span; absent: gold quotes, or documents,
    that are not in the texts.
    """

    excerpts: tuple[Excerpt, ...]
    misquoted: tuple[str, ...]
    absent: tuple[str, ...]


def collect_evidence(question: Question, prediction: Prediction, texts: Mapping[str, str]) -> Evidence:
    """Return the excerpts of all documents that the prediction cites or that contain gold."""
    marks: dict[str, list[tuple[Span, str]]] = {}
    misquoted, absent = [], []
    for cited in prediction.citations:
        text = texts.get(cited.document, "")
        if text[cited.start : cited.end] != cited.quote:
            misquoted.append(f"[{cited.marker}] {cited.document}: {cited.quote}")
        marks.setdefault(cited.document, []).append((Span(cited.start, cited.end), CITED))
    for gold in (gold for group in question.gold for gold in group):
        if gold.quote is None and gold.start is None and gold.end is None:
            continue  # the whole document: no span to mark
        places = locate(gold, texts.get(gold.document, ""))
        if not places:
            absent.append(f"{gold.document}: {gold.quote or f'{gold.start}–{gold.end}'}")
        marks.setdefault(gold.document, []).extend((place, GOLD) for place in places)
    excerpts = [
        excerpt
        for document, some in marks.items()
        if document in texts
        for excerpt in cut_excerpts(document, texts[document], some)
    ]
    return Evidence(tuple(excerpts), tuple(misquoted), tuple(absent))


def cut_excerpts(
    document: str, text: str, marks: Sequence[tuple[Span, str]], context_chars: int = CONTEXT_CHARS
) -> list[Excerpt]:
    """Return the marked spans with surrounding text; excerpts that touch or overlap are merged."""
    windows: list[Span] = []
    for span in sorted(span for span, _ in marks):
        start, end = max(0, span.start - context_chars), min(len(text), span.end + context_chars)
        if windows and start <= windows[-1].end:
            windows[-1] = Span(windows[-1].start, max(end, windows[-1].end))
        else:
            windows.append(Span(start, end))
    return [
        Excerpt(
            document,
            window.start,
            window.end,
            tuple(_pieces(text, window, marks)),
            cut_before=window.start > 0,
            cut_after=window.end < len(text),
        )
        for window in windows
    ]


def _pieces(text: str, window: Span, marks: Sequence[tuple[Span, str]]) -> Iterable[Piece]:
    """Yield the window's text, split wherever a mark begins or ends."""
    inside = [(span, kind) for span, kind in marks if span.start < window.end and span.end > window.start]
    edges = {window.start, window.end}
    for span, _ in inside:
        edges |= {max(span.start, window.start), min(span.end, window.end)}
    ordered = sorted(edges)
    for start, end in pairwise(ordered):
        kinds = sorted({kind for span, kind in inside if span.start <= start and end <= span.end})
        yield Piece(text[start:end], tuple(kinds))
