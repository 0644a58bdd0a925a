"""What a reader takes and returns. Spans are half-open code-point ranges of the stored document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from index.reader.calibration import Calibration
from index.types import Hit, Span


@dataclass(frozen=True, slots=True)
class ReaderPassage:
    """A passage as a reader sees it.

    title, heading: context that is read but never scored. text: the passage, which starts at code point
    `start` of its document. sentences: document positions, ascending and inside the passage.
    """

    title: str
    heading: str
    text: str
    start: int
    sentences: tuple[Span, ...]

    @classmethod
    def from_hit(cls, hit: Hit) -> "ReaderPassage":
        """Return the passage of a search hit; a title that is only the file's name is left out."""
        title = "" if hit.title == hit.source else hit.title
        return cls(title, hit.heading, hit.text, hit.span.start, hit.sentences)

    def sentence_text(self, index: int) -> str:
        """Return the characters of one sentence."""
        span = self.sentences[index]
        return self.text[span.start - self.start : span.end - self.start]


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """How likely a sentence is needed to answer the question, in [0, 1]."""

    span: Span
    probability: float


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """The words of one sentence that answer, and the probability of that sentence."""

    span: Span
    sentence: int
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in one passage.

    score: calibrated log-odds that the passage answers the question. probability: the same, in [0, 1].
    sentences: one score for each sentence of the passage, in order. answers: at most one span a sentence,
    likeliest first; empty for readers without spans. verdict: probability that the question asks whether
    something is so, yes or no or under a condition; 0 for readers that cannot tell.
    """

    score: float
    probability: float
    sentences: tuple[SentenceScore, ...]
    answers: tuple[AnswerSpan, ...]
    verdict: float = 0.0


@dataclass(frozen=True, slots=True)
class RawScores:
    """Uncalibrated log-odds of one passage.

    sentences: in order. passage: that it answers at all. verdict: that the question asks for a verdict.
    """

    sentences: tuple[float, ...]
    passage: float
    verdict: float = -30.0


class Reader(Protocol):
    """Reads passages for the answer to a question."""

    @property
    def name(self) -> str:
        """Name for messages and reports."""

    @property
    def calibrated(self) -> bool:
        """Whether probabilities were fitted on held-out questions."""

    @property
    def calibration(self) -> Calibration:
        """What turns log-odds into probabilities, with the thresholds."""

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        """Return one reading a passage, in the order given."""

    def raw_scores(self, question: str, passages: Sequence[ReaderPassage]) -> list[RawScores]:
        """Return the log-odds behind `read`, for calibration."""
