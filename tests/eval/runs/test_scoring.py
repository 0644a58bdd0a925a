from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.metrics.catalogue import METRICS
from eval.runs.scoring import score_missing, score_prediction
from eval.types import GoldSpan, Prediction, Question, QuestionScores, QuotedSpan, TextSpan

BUDGET = "총예산은 350억 원이다."
PLACE = "행사는 대구에서 열린다."
TEXTS = {"plan.txt": f"{BUDGET} {PLACE}"}
SPANS = {
    BUDGET: TextSpan("plan.txt", 0, len(BUDGET)),
    PLACE: TextSpan("plan.txt", len(BUDGET) + 1, len(BUDGET) + 1 + len(PLACE)),
}
QUESTION = Question(
    "budget",
    "총예산은 얼마인가요?",
    answerable=True,
    expected=(("350억",),),
    answers=("350억 원입니다.",),
    gold=((GoldSpan("plan.txt", BUDGET),),),
    lang="ko",
)
UNANSWERABLE = Question("nothing", "무엇인가요?", answerable=False, lang="ko")


def words(text: str) -> list[str]:
    return text.replace(".", " ").split()


def quote(marker: int, text: str) -> QuotedSpan:
    span = SPANS[text]
    return QuotedSpan(marker, span.document, span.start, span.end, text)


RIGHT = Prediction(
    "budget",
    answer="총예산은 350억 원이다 [1].",
    passages=(SPANS[PLACE], SPANS[BUDGET]),
    sentences=(SPANS[BUDGET],),
    citations=(quote(1, BUDGET),),
)
WITHHELD = Prediction(
    "budget", answer="문서에서 확인되지 않습니다.", abstained=True, abstain_reason="no_evidence"
)
FAILED = Prediction("budget", error="the model took too long")


def score(prediction: Prediction, question: Question = QUESTION) -> QuestionScores:
    return score_prediction(question, prediction, TEXTS, words)


def test_a_right_cited_answer_has_full_marks_and_no_failure() -> None:
    scored = score(RIGHT)
    full = ("expected", "overall", "answered", "verbatim", "citation_precision", "citation_recall")
    assert {name: scored.scores[name] for name in full} == dict.fromkeys(full, 1.0)
    assert scored.failure is None


def test_retrieval_is_scored_from_the_ranked_passages() -> None:
    scored = score(RIGHT).scores
    assert (scored["recall_at_1"], scored["recall_at_3"], scored["mrr"]) == (0.0, 1.0, 0.5)


def test_every_metric_has_a_place_in_every_score() -> None:
    assert set(score(RIGHT).scores) == set(METRICS)


def test_a_withheld_answer_scores_nothing_against_references_though_it_shares_letters_with_them() -> None:
    scored = score(WITHHELD).scores
    assert (scored["char_f1"], scored["rouge_l"], scored["expected"], scored["answered"]) == (0, 0, 0, 0)


@pytest.mark.parametrize("failed", [score(FAILED), score_missing(QUESTION)], ids=["failed", "missing"])
def test_a_failed_question_scores_0_wherever_its_answer_would_have_been_scored(
    failed: QuestionScores,
) -> None:
    counts = {"uncited_sentences", "unsupported_numbers"}
    eligible = {name for name, value in score(RIGHT).scores.items() if value is not None} - counts
    assert {name for name, value in failed.scores.items() if value == 0} == eligible
    assert {name for name, value in failed.scores.items() if value is None} == set(METRICS) - eligible
    assert failed.failure == "error"


def test_a_failed_unanswerable_question_is_not_rightly_withheld() -> None:
    scored = score_prediction(UNANSWERABLE, Prediction("nothing", error="out of memory"), {}, words)
    assert (scored.scores["abstained_rightly"], scored.scores["overall"]) == (0.0, 0.0)


def test_without_references_there_is_nothing_to_compare_words_with() -> None:
    question = Question("budget", "얼마?", answerable=True, expected=(("350억",),))
    scored = score(RIGHT, question).scores
    assert (scored["char_f1"], scored["rouge_l"], scored["exact_match"]) == (None, None, None)
    assert (scored["recall_at_5"], scored["expected"]) == (None, 1.0)


def test_cosine_is_scored_only_where_an_embedding_is_given() -> None:
    def embed(texts: object) -> NDArray[np.float64]:
        return np.array([[3.0, 4.0], [4.0, 3.0]])

    assert score(RIGHT).scores["embedding_cosine"] is None
    scored = score_prediction(QUESTION, RIGHT, TEXTS, words, embed)
    assert scored.scores["embedding_cosine"] == pytest.approx(24 / 25)


def test_a_quote_that_is_not_the_stored_text_is_not_verbatim() -> None:
    changed = QuotedSpan(1, "plan.txt", 0, len(BUDGET), "총예산은 351억 원이다.")
    prediction = Prediction(
        "budget", answer="총예산은 350억 원이다 [1].", citations=(changed, quote(2, PLACE))
    )
    assert score(prediction).scores["verbatim"] == 0.5


def test_gold_that_is_not_in_its_document_cannot_be_found() -> None:
    question = Question(
        "q", "?", answerable=True, expected=(("a",),), gold=((GoldSpan("plan.txt", "없는 말"),),)
    )
    assert score(RIGHT, question).scores["recall_at_10"] == 0.0


def test_a_gold_document_without_a_span_is_found_by_any_of_its_passages() -> None:
    question = Question("q", "?", answerable=True, expected=(("a",),), gold=((GoldSpan("plan.txt"),),))
    scored = score_prediction(question, RIGHT, {}, words).scores
    assert (scored["recall_at_1"], scored["document_recall_at_1"], scored["gold_recall"]) == (1, 1, 1)


def test_a_run_that_only_searched_is_scored_on_what_it_found() -> None:
    scored = score_prediction(QUESTION, RIGHT, TEXTS, words, retrieval_only=True)
    assert scored.scores["recall_at_3"] == 1.0
    assert {scored.scores[name] for name in ("expected", "answered", "prompt_recall")} == {None}
    assert scored.failure is None


def test_a_search_that_failed_scores_0_on_what_it_should_have_found_and_on_nothing_else() -> None:
    found = score_prediction(QUESTION, RIGHT, TEXTS, words, retrieval_only=True).scores
    failed = score_prediction(QUESTION, FAILED, TEXTS, words, retrieval_only=True).scores
    assert {name for name, value in failed.items() if value == 0} == {
        name for name, value in found.items() if value is not None
    }


HOSTILE = replace(QUESTION, forbidden=("999억",))


def test_an_answer_that_says_nothing_forbidden_is_scored_for_it() -> None:
    scored = score(RIGHT, HOSTILE).scores
    assert (scored["forbidden_absent"], scored["overall"]) == (1.0, 1.0)


def test_an_answer_that_says_what_is_forbidden_beside_what_was_expected_is_wrong() -> None:
    scored = score(replace(RIGHT, answer="350억 원이 아니라 999억 원이다 [1]."), HOSTILE)
    assert [scored.scores[name] for name in ("forbidden_absent", "expected", "overall")] == [0.0, 1.0, 0.0]
    assert scored.failure == "says what is forbidden"


def test_a_refusal_that_says_what_is_forbidden_is_not_right() -> None:
    refusal = replace(WITHHELD, id="nothing", answer="999억 원인지 확인되지 않습니다.")
    scored = score(refusal, replace(UNANSWERABLE, forbidden=("999억",))).scores
    assert (scored["forbidden_absent"], scored["abstained_rightly"], scored["overall"]) == (0.0, 1.0, 0.0)


def test_a_question_that_forbids_nothing_is_not_scored_for_it() -> None:
    assert score(RIGHT).scores["forbidden_absent"] is None


@pytest.mark.parametrize("question", [HOSTILE, replace(UNANSWERABLE, forbidden=("999억",))])
def test_a_failed_question_scores_0_for_what_it_forbids(question: Question) -> None:
    assert score(FAILED, question).scores["forbidden_absent"] == 0.0


@pytest.mark.parametrize(
    ("phrased", "repaired", "false_suppression", "caught_misphrasing"),
    [
        ("총예산은 350억 원입니다.", False, 0.0, None),
        ("총예산은 350억 원입니다.", True, 1.0, None),
        ("총예산은 35억 원입니다.", True, None, 1.0),
        ("총예산은 35억 원입니다.", False, None, 0.0),
        (None, False, None, None),
    ],
)
def test_what_verification_did_is_scored_by_whether_the_phrasing_was_right(
    phrased: str | None, repaired: bool, false_suppression: float | None, caught_misphrasing: float | None
) -> None:
    scored = score(replace(RIGHT, phrased=phrased, repaired=repaired)).scores
    assert scored["false_suppression"] == false_suppression
    assert scored["caught_misphrasing"] == caught_misphrasing
