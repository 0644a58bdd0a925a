"""The held-out questions: do they keep to what their README says, without the corpus they ask about?"""

from collections import Counter
from pathlib import Path

import pytest

from eval.datasets.questions import load_questions
from eval.types import Question

QUESTIONS = load_questions(Path(__file__).parents[2] / "eval" / "data" / "heldout" / "autorag.jsonl")
HALVES = ("tuning", "report")


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.id for question in QUESTIONS])
def test_nothing_of_the_corpus_is_quoted(question: Question) -> None:
    assert [span.quote for group in question.gold for span in group if span.quote] == []


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.id for question in QUESTIONS])
def test_each_question_is_in_one_half(question: Question) -> None:
    assert len(set(question.tags) & set(HALVES)) == 1


def test_every_answerable_question_says_what_is_expected_and_where_it_stands() -> None:
    assert [q.id for q in QUESTIONS if q.answerable and not (q.expected and q.gold)] == []


def test_both_halves_have_the_same_mix() -> None:
    mix = {half: Counter((q.lang, q.answerable) for q in QUESTIONS if half in q.tags) for half in HALVES}
    assert all(abs(mix["tuning"][kind] - mix["report"][kind]) <= 1 for kind in mix["tuning"] | mix["report"])
