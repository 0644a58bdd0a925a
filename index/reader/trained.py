"""The trained reader: windows through the network in batches of like length, logits to readings."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index.locks import InOrder
from index.one_thread import OneThread
from index.reader.calibration import UNCALIBRATED, Calibration
from index.reader.encoding import TextEncoder, Window
from index.reader.padding import InputArrays, pad_inputs
from index.reader.readings import ABSENT, make_reading
from index.reader.types import RawScores, ReaderPassage, Reading
from index.types import Span

_BATCH_TOKENS = 1024  # so that activations stay in cache, as for the embedder
_MAX_SPAN_TOKENS = 48

Floats = NDArray[np.float32]


class WindowLogits(NamedTuple):
    """Logits of one window: (pieces,), (tokens,), (tokens,) and two numbers."""

    sentences: Floats
    starts: Floats
    ends: Floats
    passage: float
    verdict: float


class Engine(Protocol):
    """Runs the network on a batch."""

    @property
    def name(self) -> str:
        """Library and number type."""

    def run(self, inputs: InputArrays) -> tuple[Floats, ...]:
        """Return the logits of every pair, as in `network.Logits`."""


class TorchEngine:
    """The network in torch, on its own device. number_type: of its layers, for reports."""

    def __init__(self, network: Any, number_type: str = "float32") -> None:
        import torch

        self._torch, self._network, self._number_type = torch, network, number_type

    @property
    def name(self) -> str:
        """Library and number type."""
        return f"torch {self._number_type}"

    def run(self, inputs: InputArrays) -> tuple[Floats, ...]:
        """Return the logits of every pair."""
        from index.reader.network import Inputs

        torch = self._torch
        device = self._network.segments.device
        with torch.inference_mode():
            tensors = Inputs(*(torch.from_numpy(array).to(device) for array in inputs))
            return tuple(map(_floats, self._network(tensors)))


def _floats(tensor: Any) -> Floats:
    values: Floats = tensor.float().cpu().numpy()
    return values


class TrainedReader:
    """A network that scores sentences, spans and passages in one pass. Thread-safe, one reading at a time."""

    def __init__(
        self, engine: Engine, encoder: TextEncoder, *, name: str, calibration: Calibration | None = None
    ) -> None:
        self._engine, self._encoder, self._lock = engine, encoder, InOrder()
        self.name = name
        self.calibrated = calibration is not None
        self.calibration = calibration or UNCALIBRATED

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        """Return one reading a passage, in the order given. Threads read one after the other."""
        with self._lock, OneThread("reading") as thread:
            return thread.call(partial(self.read_pairs, [(question, passage) for passage in passages]))

    def read_pairs(self, pairs: Sequence[tuple[str, ReaderPassage]]) -> list[Reading]:
        """Return one reading for each question and passage, in the order given.

        A passage that several questions share is encoded once, so keep its pairs together.
        """
        encoded: dict[int, list[Window]] = {}
        for _, passage in pairs:
            if id(passage) not in encoded:
                encoded[id(passage)] = self._windows(passage)
        jobs = [(q, window) for q, passage in pairs for window in encoded[id(passage)]]
        logits = iter(self._run(jobs))
        return [
            self._reading(passage, windows, [next(logits) for _ in windows])
            for _, passage in pairs
            for windows in [encoded[id(passage)]]
        ]

    def _run(self, jobs: Sequence[tuple[str, Window]]) -> list[WindowLogits]:
        """The logits of each question over each window, in the order given; batches of like length."""
        first: dict[int, int] = {}
        for i, (_, window) in enumerate(jobs):
            first.setdefault(id(window), i)
        order = sorted(range(len(jobs)), key=lambda i: (len(jobs[i][1]), first[id(jobs[i][1])]))
        tokens = {question: self._encoder.encode_question(question) for question, _ in jobs}
        found: dict[int, WindowLogits] = {}
        at = 0
        while at < len(order):
            end = at + 1
            while end < len(order) and (end - at + 1) * len(jobs[order[end]][1]) <= _BATCH_TOKENS:
                end += 1
            batch = order[at:end]
            questions = list(dict.fromkeys(jobs[i][0] for i in batch))
            windows = list({id(jobs[i][1]): jobs[i][1] for i in batch}.values())
            rows = {id(window): row for row, window in enumerate(windows)}
            pairs = [(questions.index(jobs[i][0]), rows[id(jobs[i][1])]) for i in batch]
            sentences, starts, ends, passages, verdicts = self._engine.run(
                pad_inputs([tokens[q] for q in questions], windows, pairs, self._encoder.pad)
            )
            for row, index in enumerate(batch):
                window = jobs[index][1]
                found[index] = WindowLogits(
                    sentences[row, : len(window.pieces)],
                    starts[row, : len(window)],
                    ends[row, : len(window)],
                    float(passages[row]),
                    float(verdicts[row]),
                )
            at = end
        return [found[i] for i in range(len(jobs))]

    def _windows(self, passage: ReaderPassage) -> list[Window]:
        if not passage.sentences:
            return []
        context = " > ".join(part for part in (passage.title, passage.heading) if part)
        texts = [passage.sentence_text(i) for i in range(len(passage.sentences))]
        return self._encoder.encode_passage(context, texts)

    def raw_scores(self, question: str, passages: Sequence[ReaderPassage]) -> list[RawScores]:
        """Return the log-odds behind `read`, for calibration."""
        encoded = [self._windows(passage) for passage in passages]
        logits = iter(self._run([(question, window) for windows in encoded for window in windows]))
        return [
            self._raw(passage, windows, [next(logits) for _ in windows])
            for passage, windows in zip(passages, encoded, strict=True)
        ]

    @staticmethod
    def _raw(passage: ReaderPassage, windows: Sequence[Window], logits: Sequence[WindowLogits]) -> RawScores:
        """Each sentence's highest log-odds over the windows that hold it, and the highest of a window."""
        best = [ABSENT] * len(passage.sentences)
        for window, scores in zip(windows, logits, strict=True):
            for index, piece in enumerate(window.pieces):
                best[piece.sentence] = max(best[piece.sentence], float(scores.sentences[index]))
        answerable = max((s.passage for s in logits), default=ABSENT)
        return RawScores(tuple(best), answerable, max((s.verdict for s in logits), default=ABSENT))

    def _reading(
        self, passage: ReaderPassage, windows: Sequence[Window], logits: Sequence[WindowLogits]
    ) -> Reading:
        raw = self._raw(passage, windows, logits)
        return make_reading(passage, raw, self.calibration, _spans(passage, windows, logits))


def _spans(
    passage: ReaderPassage, windows: Sequence[Window], logits: Sequence[WindowLogits]
) -> dict[int, Span]:
    """The likeliest answer words of each sentence, as positions in the document."""
    best: dict[int, tuple[float, Span]] = {}
    for window, scores in zip(windows, logits, strict=True):
        for piece, first in zip(window.pieces, window.first_token, strict=True):
            end = first + len(piece.token_ids)
            value, start, last = _best_span(scores.starts[first:end], scores.ends[first:end])
            tokens = Span(int(piece.offsets[start, 0]), int(piece.offsets[last, 1]))
            words = _trim(passage.sentence_text(piece.sentence), tokens)
            origin = passage.sentences[piece.sentence].start
            span = Span(origin + words.start, origin + words.end)
            if len(span) > 0 and (piece.sentence not in best or value > best[piece.sentence][0]):
                best[piece.sentence] = (value, span)
    return {sentence: span for sentence, (_, span) in best.items()}


def _trim(text: str, span: Span) -> Span:
    """Return the span without the blanks that tokens begin with."""
    words = span.of(text)
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(words.strip()))


def _best_span(starts: Floats, ends: Floats) -> tuple[float, int, int]:
    """The value and the first and last token of the likeliest span, at most _MAX_SPAN_TOKENS long."""
    n = len(starts)
    sums = starts[:, None] + ends[None, :]
    rows = np.arange(n)
    gap = rows[None, :] - rows[:, None]
    sums = np.where((gap >= 0) & (gap < _MAX_SPAN_TOKENS), sums, -np.inf)
    at = int(sums.argmax())
    return float(sums.flat[at]), at // n, at % n
