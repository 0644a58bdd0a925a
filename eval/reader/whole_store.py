"""Questions asked of a whole store: search, read, and whether the sentence ranked first is evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.metrics.abstention import Outcome
from index.reader.calibration import Calibration
from index.reader.readings import ABSENT
from index.reader.rerank import ReadHit, rank_sentences, read_hits, rerank
from index.reader.types import Reader
from index.types import Hit, Span

IsEvidence = Callable[[Hit, Span], bool]


@dataclass(frozen=True, slots=True)
class StoreQuestion:
    """A question with its hits, best first, and a test for its evidence. answerable: in these documents.

    expected: groups of alternative words; evidence is complete when it contains one word of every group.
    """

    text: str
    language: str
    answerable: bool
    hits: tuple[Hit, ...]
    is_evidence: IsEvidence
    expected: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class StoreScore:
    """Ranks, from 1, None where there is none, and the reader's confidence.

    before, after: of the first passage with evidence as searched and as reranked. sentence: of the first
    sentence that is evidence among all sentences read, likeliest first. first_three: their texts.
    """

    question: StoreQuestion
    before: int | None
    after: int | None
    sentence: int | None
    confidence: float
    first_three: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The question as a selective answerer sees it: the first sentence is its answer."""
        return Outcome(
            answerable=self.question.answerable,
            answered=True,
            withheld=False,
            right=self.sentence == 1,
            confidence=self.confidence,
        )

    @property
    def found(self) -> bool:
        """Whether a passage that was read holds evidence: the event whose probability is predicted."""
        return self.question.answerable and self.before is not None


def score_store_questions(
    reader: Reader, calibration: Calibration, questions: Sequence[StoreQuestion], search_log_odds: float
) -> list[StoreScore]:
    """Read the hits of every question and rank passages and sentences."""
    scores = []
    for question in questions:
        read = read_hits(reader, question.text, question.hits)
        ordered = rerank(read, search_log_odds=search_log_odds)
        ranked = [(sentence.item.hit, sentence.span) for sentence in rank_sentences(read)]
        best = max((item.reading.score for item in read), default=ABSENT)
        scores.append(
            StoreScore(
                question,
                _first(read, question.is_evidence),
                _first(ordered, question.is_evidence),
                next((r for r, (h, s) in enumerate(ranked, 1) if question.is_evidence(h, s)), None),
                calibration.question_probability(best),
                tuple(h.text[s.start - h.span.start : s.end - h.span.start] for h, s in ranked[:3]),
            )
        )
    return scores


def _first(read: Sequence[ReadHit], is_evidence: IsEvidence) -> int | None:
    return next(
        (
            rank
            for rank, item in enumerate(read, 1)
            if any(is_evidence(item.hit, s.span) for s in item.reading.sentences)
        ),
        None,
    )


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Return the mean gap between confidence and share right over equal-mass bins (Naeini et al. 2015)."""
    return sum(
        n * abs(confidence - share) for confidence, share, n in reliability(confidences, right, bins)
    ) / max(1, len(right))


def reliability(
    confidences: Sequence[float], right: Sequence[bool], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Return mean confidence, share right and size of each of `bins` bins of equal mass, rising."""
    order = sorted(range(len(right)), key=lambda i: confidences[i])
    points = []
    for number in range(bins):
        rows = order[number * len(order) // bins : (number + 1) * len(order) // bins]
        if rows:
            n = len(rows)
            points.append((sum(confidences[i] for i in rows) / n, sum(right[i] for i in rows) / n, n))
    return points
