from eval.metrics.attribution import FAILURES, attribute
from eval.metrics.matching import GoldPlace
from eval.types import Prediction, Question, TextSpan
from index.types import Span

GROUPS = [[GoldPlace("a", Span(0, 10))], [GoldPlace("a", Span(20, 30))]]
FIRST, SECOND = TextSpan("a", 0, 10), TextSpan("a", 20, 30)
ANSWERABLE = Question("q", "?", answerable=True, expected=(("x",),))
UNANSWERABLE = Question("q", "?", answerable=False)
WRONG, RIGHT = {"expected": 0.0}, {"expected": 1.0}


def failure(
    scores: dict[str, float],
    *,
    passages: tuple[TextSpan, ...] = (FIRST, SECOND),
    sentences: tuple[TextSpan, ...] = (FIRST, SECOND),
    abstained: bool = False,
    error: str | None = None,
    question: Question = ANSWERABLE,
    gold: bool = True,
    retrieval_only: bool = False,
) -> str | None:
    prediction = Prediction(
        "q", error=error, answer="x", abstained=abstained, passages=passages, sentences=sentences
    )
    return attribute(question, prediction, scores, GROUPS if gold else [], retrieval_only=retrieval_only)


def test_a_right_answer_is_no_failure_though_evidence_was_missed() -> None:
    assert failure(RIGHT, passages=()) is None


def test_evidence_is_not_retrieved_when_one_group_of_it_is_not() -> None:
    assert failure(WRONG, passages=(FIRST,), sentences=(FIRST,)) == "not retrieved"


def test_evidence_that_was_retrieved_may_be_missing_from_the_citations() -> None:
    assert failure(WRONG, sentences=(SECOND,)) == "retrieved but not cited"


def test_a_wrong_answer_that_cites_the_evidence_is_misphrased() -> None:
    assert failure(WRONG) == "misphrased"


def test_a_right_phrasing_replaced_by_quotes_that_lack_the_answer_is_wrongly_suppressed() -> None:
    assert failure(WRONG | {"false_suppression": 1.0}, sentences=(SECOND,)) == "wrongly suppressed"


def test_retrieved_evidence_without_an_answer_is_wrongly_withheld() -> None:
    assert failure(WRONG, abstained=True, sentences=()) == "wrongly withheld"


def test_withheld_for_want_of_evidence_is_the_search_s_failure() -> None:
    assert failure(WRONG, abstained=True, passages=(), sentences=()) == "not retrieved"


def test_a_right_answer_with_a_sentence_that_cites_nothing_is_uncited() -> None:
    assert failure(RIGHT | {"uncited_sentences": 1.0}) == "uncited"


def test_a_wrong_answer_without_gold_cannot_be_traced() -> None:
    assert failure(WRONG, gold=False) == "wrong, without gold"


def test_an_error_comes_before_everything_else() -> None:
    assert failure(WRONG, error="too long", passages=()) == "error"


def test_an_unanswerable_question_fails_only_by_being_answered() -> None:
    assert failure({}, question=UNANSWERABLE) == "answered though unanswerable"
    assert failure({}, question=UNANSWERABLE, abstained=True) is None


def test_a_search_alone_fails_only_by_not_finding() -> None:
    assert failure({}, passages=(FIRST,), retrieval_only=True) == "not retrieved"
    assert failure({}, sentences=(), retrieval_only=True) is None
    assert failure({}, question=UNANSWERABLE, retrieval_only=True) is None


def test_stages_are_listed_in_the_order_of_a_question_s_path() -> None:
    assert FAILURES[:4] == (
        "error",
        "not retrieved",
        "wrongly withheld",
        "retrieved but not cited",
    )


def test_what_is_forbidden_is_the_failure_though_the_answer_holds_what_was_expected() -> None:
    assert failure(RIGHT | {"forbidden_absent": 0.0}) == "says what is forbidden"


def test_what_is_forbidden_is_the_failure_of_an_unanswerable_question_too() -> None:
    said = failure({"forbidden_absent": 0.0}, question=UNANSWERABLE, abstained=True)
    assert said == "says what is forbidden"
