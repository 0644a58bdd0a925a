"""The values that a question turns into on its way to an answer: frozen, typed, without behaviour."""

from dataclasses import dataclass, field
from enum import StrEnum

from index.types import Hit, Span


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of the conversation. role: "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence chosen for the prompt: which passage it comes from, and where it stands in the document."""

    hit: Hit
    span: Span
    text: str
    score: float


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


class Fault(StrEnum):
    """Why a statement was withheld."""

    NO_QUOTE = "no_quote"  # no sentence says anything of it
    UNSUPPORTED_NUMBER = "unsupported_number"  # a number that stands in none of its quotes
    WRONG_KIND = "wrong_kind"  # asked how much, it gives no amount
    ECHO = "echo"  # it says no more than the question
    ANOTHER = "another"  # its quotes say so of something else: another floor, another company
    OFF_TOPIC = "off_topic"  # too few words of the question stand around its quotes
    DOUBTFUL = "doubtful"  # all in all it is not likely enough to be right
    GAVE_WAY = "gave_way"  # its quotes stand in its place: it is uncertain, or has nouns of its own


@dataclass(frozen=True, slots=True)
class StatementCheck:
    """What was checked of one statement that the model wrote, and what became of it.

    text: without markers, repaired where `repaired`. markers: of the citations it was kept with; none when
    it was withheld. numbers: as written, each backed by a quote but those in unsupported_numbers.
    relevance: share of the question's words around its quotes, in [0, 1]; None where it was not looked at.
    """

    text: str
    faults: tuple[Fault, ...] = ()
    markers: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    unsupported_numbers: tuple[str, ...] = ()
    relevance: float | None = None
    repaired: bool = False

    @property
    def kept(self) -> bool:
        """Whether the answer has it."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer as a whole.

    Readings of nothing but the quotes, in log odds: backing, how surely the model says that they give this
    answer to the question; answering, how surely it says that they answer the question at all, None where
    the rest left no doubt. around, near: the least share of the question's words that stands around, and
    near, the quotes of a statement, in [0, 1].
    """

    backing: float
    around: float
    near: float
    answering: float | None = None


@dataclass(frozen=True, slots=True)
class Grounding:
    """How the answer stands on its quotes.

    sentences: statements the model wrote; supported_sentences: those with a citation and no unsupported
    number. unsupported_numbers: as written, in no quote of the statement that has them.
    invented_markers: [n] for which no sentence was given; they are taken out of the answer.
    statements: each with what was checked, withheld ones too, in the order written. evidence: what spoke
    for those that were weighed last, as one answer; None where nothing was left to weigh.
    """

    sentences: int = 0
    supported_sentences: int = 0
    unsupported_numbers: tuple[str, ...] = ()
    repaired: bool = False
    invented_markers: int = 0
    statements: tuple[StatementCheck, ...] = ()
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens the language model read, of those the ones already known to it, and wrote."""

    prompt_tokens: int = 0
    cached_prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of each stage; first_token counts from the question, 0 without generation.

    rewrite: making a question of a conversation stand alone; 0 for one that does.
    """

    rewrite: float = 0.0
    search: float = 0.0
    select: float = 0.0
    first_token: float = 0.0
    generate: float = 0.0
    ground: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Models:
    """What made the answer: language model, embedding model, prompt."""

    llm: str
    embedding: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A question's answer with its citations and everything needed to check it.

    abstain_reason: None, "no_evidence" (the documents do not hold it) or "unsupported" (what was written
    could not be backed). passages: what was found, best first, also when there is no answer.
    sentences: what the model read, in that order. confidence: the probability that the answer is right, as
    measured on questions whose outcome is known; 0 without an answer. uncertain: it is so low, or so much is
    left out, that people are told to look at the quotes.
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
    grounding: Grounding = field(default_factory=Grounding)
    usage: Usage = field(default_factory=Usage)
    timings: Timings = field(default_factory=Timings)
    sentences: tuple[Sentence, ...] = ()
    confidence: float = 0.0
    uncertain: bool = False
