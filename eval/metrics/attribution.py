"""Attribute a failed question to the first pipeline stage that lost it. Pure."""

from collections.abc import Iterable, Mapping

from eval.metrics.matching import GoldGroups, groups_held_by_any
from eval.types import Prediction, Question, TextSpan

ERROR = "error"
NOT_RETRIEVED = "not retrieved"
WRONGLY_WITHHELD = "wrongly withheld"
NOT_CITED = "retrieved but not cited"
WRONGLY_SUPPRESSED = "wrongly suppressed"
MISPHRASED = "misphrased"
WRONG_WITHOUT_GOLD = "wrong, without gold"
UNCITED = "uncited"
ANSWERED_UNANSWERABLE = "answered though unanswerable"
FORBIDDEN_SAID = "says what is forbidden"
FAILURES = (
    ERROR,
    NOT_RETRIEVED,
    WRONGLY_WITHHELD,
    NOT_CITED,
    WRONGLY_SUPPRESSED,
    MISPHRASED,
    WRONG_WITHOUT_GOLD,
    FORBIDDEN_SAID,
    UNCITED,
    ANSWERED_UNANSWERABLE,
)


def attribute(
    question: Question,
    prediction: Prediction,
    scores: Mapping[str, float | None],
    groups: GoldGroups,
    *,
    retrieval_only: bool = False,
) -> str | None:
    """Return the first stage that lost the question, one of FAILURES; None if it succeeded.

    scores: of this prediction. groups: the question's gold as places. Evidence is lost at the first stage
    that misses a gold group, but an answer that is correct without it is still correct. Without gold spans,
    a wrong answer cannot be attributed. A forbidden phrase outranks every failure but an error.
    retrieval_only: no answers were generated, so only the search can have failed.
    """
    if prediction.error is not None:
        return ERROR
    if scores.get("forbidden_absent") == 0:
        return FORBIDDEN_SAID
    if not question.answerable:
        return None if prediction.abstained or retrieval_only else ANSWERED_UNANSWERABLE
    if retrieval_only:
        return NOT_RETRIEVED if _lost(prediction.passages, groups) else None
    if not prediction.abstained and scores.get("expected") != 0:
        return UNCITED if scores.get("uncited_sentences") else None
    if _lost(prediction.passages, groups):
        return NOT_RETRIEVED
    if prediction.abstained:
        return WRONGLY_WITHHELD
    if scores.get("false_suppression"):
        return WRONGLY_SUPPRESSED
    if not groups:
        return WRONG_WITHOUT_GOLD
    return NOT_CITED if _lost(prediction.sentences, groups) else MISPHRASED


def _lost(found: Iterable[TextSpan], groups: GoldGroups) -> bool:
    return len(groups_held_by_any(found, groups)) < len(groups)
