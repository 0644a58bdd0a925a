"""Values passed between the steps of an evaluation: frozen, typed, without behaviour.

question set -> run -> one Prediction per question -> one QuestionScores per question -> summary
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A span of a document that contains an answer or part of one.

    document: its source in the store. Given by `quote`, or by `start` and `end` (code points into the stored
    text, half open); with neither, the span is the whole document.
    """

    document: str
    quote: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the criteria for a correct answer.

    expected: groups of alternatives; a correct answer contains at least one alternative of every group.
    answers: reference answers, any of which is acceptable. documents: sources of the documents that contain
    the answer. gold: groups of alternative spans; the evidence is complete with one span of every group.
    history: earlier turns, (role, content). forbidden: phrases that a correct answer must not contain, such
    as text injected by a document; a number matches only as a whole.
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
    """A span of a stored document: a retrieved passage or a sentence in the prompt. score: of the search."""

    document: str
    start: int
    end: int
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class QuotedSpan:
    """A citation in an answer. document: source; quote: the text shown for the span."""

    marker: int
    document: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """The result of one question in a run: an answer, or the error in its place.

    error: None, or one sentence: the question failed or timed out, and its scores are 0.
    answer: with its markers, as shown to users. confidence: in [0, 1], for the risk-coverage curve.
    passages: search results, best first. sentences: those in the prompt, in prompt order.
    unsupported_numbers: as generated and found in no quote, shown or not. phrased: what the language model
    wrote, shown or not; None where it was not called. repaired: quotes replaced it. timings_ms: by stage.
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
    phrased: str | None = None
    repaired: bool = False
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    peak_memory_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class QuestionScores:
    """The metrics of one question by name; None where a metric does not apply to the question.

    failure: None if the question succeeded, else the first stage that failed (see `attribution`).
    """

    id: str
    scores: Mapping[str, float | None]
    failure: str | None = None
