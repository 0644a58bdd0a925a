"""The values that an evaluation passes from step to step: frozen, typed, without behaviour.

question set -> run -> Prediction, one a question -> QuestionScores, one a question -> summary
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A place in a document that holds an answer, or a part of one.

    document: the source by which the store knows it. Either `quote`, or `start` and `end` (code points into
    the stored text, half open), or none of them: then the whole document.
    """

    document: str
    quote: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question and what a right answer holds.

    expected: groups of alternatives; a right answer has at least one alternative of every group.
    answers: reference answers, any of which will do. documents: sources of the documents that hold the
    answer. gold: groups of alternative spans; the evidence is complete with one span of every group.
    history: earlier turns, role and content. forbidden: what a right answer does not say, whole digits as
    written: where a document tries to put words into the answer.
    """

    id: str
    question: str
    answerable: bool
    expected: tuple[tuple[str, ...], ...] = ()
    answers: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    gold: tuple[tuple[GoldSpan, ...], ...] = ()
    lang: str = ""
    tags: tuple[str, ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A span of a stored document: a passage found, a sentence the model read. score: as searched."""

    document: str
    start: int
    end: int
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class QuotedSpan:
    """A citation of an answer. document: source; quote: what was shown as the text of the span."""

    marker: int
    document: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a run got for one question: an answer, or the error in its place.

    error: None, or one sentence: the question failed or took too long, and every score of it is 0.
    answer: with its markers, as users see it. confidence: in [0, 1], for the risk-coverage curve.
    passages: what the search found, best first. sentences: what the model read, in that order.
    unsupported_numbers: as written by the model and in no quote, shown or not. timings_ms: by stage.
    tokens: "prompt", "cached_prompt", "completion". peak_memory_mb: of the process so far.
    """

    id: str
    error: str | None = None
    answer: str = ""
    language: str = ""
    abstained: bool = False
    abstain_reason: str | None = None
    confidence: float = 0.0
    passages: tuple[TextSpan, ...] = ()
    sentences: tuple[TextSpan, ...] = ()
    citations: tuple[QuotedSpan, ...] = ()
    unsupported_numbers: tuple[str, ...] = ()
    repaired: bool = False
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    peak_memory_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class QuestionScores:
    """The metrics of one question by name; None where a metric does not apply to the question.

    failure: None when the question went right, else the first stage that lost it (see `attribution`).
    """

    id: str
    scores: Mapping[str, float | None]
    failure: str | None = None
