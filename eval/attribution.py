"""The first stage that lost a question, so that whoever mends it knows where to look. Pure."""

from collections.abc import Iterable, Mapping

from eval.metrics.matching import GoldGroups, groups_held_by_any
from eval.types import Prediction, Question, TextSpan

ERROR = "error"
NOT_RETRIEVED = "not retrieved"
LOST_IN_SELECTION = "lost in sentence selection"
WRONG = "in the prompt but wrong"
WRONG_WITHOUT_GOLD = "wrong, no gold to tell where"
UNCITED = "uncited"
WRONGLY_WITHHELD = "wrongly withheld"
ANSWERED_UNANSWERABLE = "answered though unanswerable"
FORBIDDEN_SAID = "says what is forbidden"
FAILURES = (
    ERROR,
    NOT_RETRIEVED,
    LOST_IN_SELECTION,
    WRONG,
    WRONG_WITHOUT_GOLD,
    UNCITED,
    WRONGLY_WITHHELD,
    ANSWERED_UNANSWERABLE,
    FORBIDDEN_SAID,
)


def attribute(
    question: Question,
    prediction: Prediction,
    scores: Mapping[str, float | None],
    groups: GoldGroups,
    *,
    retrieval_only: bool = False,
) -> str | None:
    """The first stage that lost the question, one of FAILURES; None when it went right.

    scores: of this prediction. groups: the question's gold as places. Evidence is lost where the first
    gold group is: an answer that is right without it is right all the same. Without a gold span, a wrong
    answer cannot be traced. Saying what is forbidden is what went wrong, whatever else did.
    retrieval_only: nothing was answered, so only the search can have failed.
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
    if _lost(prediction.sentences, groups):
        return LOST_IN_SELECTION
    if prediction.abstained:
        return WRONGLY_WITHHELD
    return WRONG if groups else WRONG_WITHOUT_GOLD


def _lost(found: Iterable[TextSpan], groups: GoldGroups) -> bool:
    return len(groups_held_by_any(found, groups)) < len(groups)
