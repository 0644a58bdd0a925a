"""Raw scores to calibrated readings, for every kind of reader."""

from collections.abc import Mapping

from index.reader.calibration import Calibration, sigmoid
from index.reader.types import AnswerSpan, RawScores, ReaderPassage, Reading, SentenceScore
from index.types import Span

ABSENT = -30.0  # log-odds of a passage without a sentence


def make_reading(
    passage: ReaderPassage, raw: RawScores, calibration: Calibration, spans: Mapping[int, Span] | None = None
) -> Reading:
    """Apply the calibration. spans: the words that answer, by sentence."""
    weight, bias = calibration.sentence
    probabilities = [sigmoid(weight * logit + bias) for logit in raw.sentences]
    score = calibration.passage.log_odds(max(raw.sentences, default=ABSENT), raw.passage)
    answers = [AnswerSpan(span, i, probabilities[i]) for i, span in (spans or {}).items()]
    return Reading(
        score,
        sigmoid(score),
        tuple(map(SentenceScore, passage.sentences, probabilities)),
        tuple(sorted(answers, key=lambda a: (-a.probability, a.sentence))),
        sigmoid(raw.verdict),
    )
