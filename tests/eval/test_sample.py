"""The project's own sample set: is it what its README and its users are promised?"""

from pathlib import Path

import pytest

from eval.datasets.check import check_questions
from eval.datasets.questions import load_questions
from eval.datasets.stored_texts import read_files
from eval.metrics.gold import locate
from eval.types import Question

SAMPLE = Path(__file__).parents[2] / "eval" / "data" / "sample"
TEXTS = read_files(SAMPLE / "docs").texts
QUESTIONS = load_questions(SAMPLE / "qa.jsonl")
KINDS = "fact list number date person comparison two-documents follow-up near-miss cross-lingual".split()


def tagged(tag: str) -> list[Question]:
    return [question for question in QUESTIONS if tag in question.tags]


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.id for question in QUESTIONS])
def test_every_gold_quote_is_in_its_document(question: Question) -> None:
    for group in question.gold:
        for span in group:
            assert locate(span, TEXTS[span.document])


def test_every_document_can_be_read() -> None:
    assert read_files(SAMPLE / "docs").unreadable == {}


def test_the_check_finds_nothing() -> None:
    assert check_questions(QUESTIONS, TEXTS) == []


def test_there_are_at_least_sixty_questions_and_fifteen_without_an_answer() -> None:
    assert len(QUESTIONS) >= 60
    assert sum(not question.answerable for question in QUESTIONS) >= 15


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_question_is_asked_several_times(kind: str) -> None:
    assert len(tagged(kind)) >= 5


def test_there_are_no_other_kinds() -> None:
    assert {tag for question in QUESTIONS for tag in question.tags} <= set(KINDS)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_both_languages_are_asked_in(language: str) -> None:
    assert sum(question.lang == language for question in QUESTIONS) >= 20


def test_some_korean_questions_hold_english_words() -> None:
    mixed = [q for q in QUESTIONS if q.lang == "ko" and any(c.isascii() and c.isalpha() for c in q.question)]
    assert len(mixed) >= 5


def test_follow_ups_and_only_they_have_earlier_turns() -> None:
    assert all(bool(question.history) == ("follow-up" in question.tags) for question in QUESTIONS)


def test_near_misses_cannot_be_answered() -> None:
    assert not any(question.answerable for question in tagged("near-miss"))


def test_questions_on_two_documents_need_two() -> None:
    for question in tagged("two-documents"):
        needed = [{span.document for span in group} for group in question.gold]
        assert any(not one & other for one in needed for other in needed)


def test_every_document_answers_some_question() -> None:
    assert {name for question in QUESTIONS for name in question.documents} == set(TEXTS)


def test_answerable_questions_have_a_reference_answer_expected_words_and_gold() -> None:
    for question in QUESTIONS:
        if question.answerable:
            assert question.answers
            assert question.expected
            assert question.gold
