"""Values passed between the stages of answering and, at the end, to the client. Frozen, without behaviour."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from index.search.searcher import SearchScope
from index.types import Hit, Span


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of the conversation. role: "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question and how to answer it. language: "ko", "en" or None for the question's own.

    k: passages to read, None for the setting. id: that of the answer to come.
    """

    question: str
    scope: SearchScope = field(default_factory=SearchScope)
    language: str | None = None
    history: Sequence[Turn] = ()
    k: int | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True)
class StandaloneQuestion:
    """A question that can be understood without its conversation. guessed: by rule, not by the model."""

    text: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence of evidence: where it is stored, and its text.

    weight: the reader's probability that it is needed, raised or lowered by search, in [0, 1]. answer: the
    words in it that answer, a span of the document; None where the reader names none.
    """

    hit: Hit
    span: Span
    text: str
    weight: float
    answer: Span | None = None

    @property
    def answer_text(self) -> str:
        """The words that answer, empty where there are none."""
        if self.answer is None:
            return ""
        return self.text[self.answer.start - self.span.start : self.answer.end - self.span.start]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences an answer rests on, in reading order, and the probability that they answer, in [0, 1].

    verdict: probability that the question asks for yes or no, or under which condition. sufficient: the
    probability reaches the threshold of abstention. trusted: it is so high that people need
    not be asked to check the quotes.
    """

    quotes: tuple[Quote, ...]
    probability: float
    sufficient: bool
    trusted: bool
    verdict: float = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A span of a stored document that the answer points to as [marker]; quote is exactly its text."""

    marker: int
    document_id: str
    title: str
    source: str
    passage_id: int
    start: int
    end: int
    quote: str
    page: int | None


class Mismatch(StrEnum):
    """How a phrased answer differs from its evidence."""

    LANGUAGE = "language"  # it is in another language than the question
    NUMBER = "unsupported_number"
    NAME = "unsupported_name"
    ANSWER_MISSING = "answer_missing"  # it lacks the words that the reader found to answer
    VERDICT = "verdict"  # a plain yes or no, which only the quote itself may give
    INCOMPLETE = "incomplete"  # it was cut at the token limit, or ran in a circle
    FAILED = "failed"  # the language model failed
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of verifying a phrased answer.

    text: as the model phrased it. unsupported_numbers, unsupported_names: in none of the quotes, as written.
    """

    text: str
    mismatches: tuple[Mismatch, ...] = ()
    unsupported_numbers: tuple[str, ...] = ()
    unsupported_names: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the text may be shown."""
        return not self.mismatches


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of all calls of the language model for one answer, and how fast it wrote.

    tokens_per_second: of the tokens behind the first ones; 0 where there are none.
    """

    prompt_tokens: int = 0
    cached_prompt_tokens: int = 0
    completion_tokens: int = 0
    tokens_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of each stage, which add up to the total, and of two moments counted from the question.

    rewrite: making a follow-up stand alone. wait: for the language model. select: reading passages.
    generate: phrasing. ground: verification. first_quote, first_token: 0 where there is none.
    """

    rewrite: float = 0.0
    search: float = 0.0
    select: float = 0.0
    wait: float = 0.0
    generate: float = 0.0
    ground: float = 0.0
    total: float = 0.0
    first_quote: float = 0.0
    first_token: float = 0.0


@dataclass(frozen=True, slots=True)
class Models:
    """What made the answer: language model, embedding model, reader, prompt."""

    llm: str
    embedding: str
    reader: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its citations, or an abstention.

    abstain_reason: None or "no_evidence". quoted: the answer is the quotes themselves, because phrasing is
    off or `verification` rejected the phrased answer. passages: search hits, best first; the nearest three
    with a refusal. confidence: probability that the passages answer, calibrated on held-out questions.
    uncertain: below the "check the quote" threshold, or a follow-up was completed by rule.
    """

    id: str
    question: str
    answer: str
    language: str
    abstained: bool
    abstain_reason: str | None
    citations: tuple[Citation, ...]
    passages: tuple[Hit, ...]
    models: Models
    verification: Verification | None = None
    quoted: bool = False
    usage: Usage = field(default_factory=Usage)
    timings: Timings = field(default_factory=Timings)
    confidence: float = 0.0
    uncertain: bool = False

    @property
    def repaired(self) -> bool:
        """Whether the quotes replaced what a language model wrote."""
        return self.quoted and self.verification is not None and bool(self.verification.text)
