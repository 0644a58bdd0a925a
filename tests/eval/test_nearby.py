"""The near misses: are their documents, gold and halves what their README says?"""

from collections import Counter
from pathlib import Path

from eval.datasets.questions import load_questions

FOLDER = Path(__file__).parents[2] / "eval" / "data" / "nearby"
QUESTIONS = load_questions(FOLDER / "qa.jsonl")
PARTS = {"tuning": 90, "report": 30}  # questions


def test_half_of_the_questions_are_answered_in_the_documents() -> None:
    mix = {part: Counter(q.answerable for q in QUESTIONS if part in q.tags) for part in PARTS}
    assert mix == {part: Counter({True: n // 2, False: n // 2}) for part, n in PARTS.items()}
    assert [q.id for q in QUESTIONS if len(set(q.tags) & set(PARTS)) != 1] == []


def test_half_of_the_questions_are_in_english() -> None:
    assert Counter(q.lang for q in QUESTIONS) == {"ko": 60, "en": 60}


def test_every_gold_quote_stands_in_its_document() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (FOLDER / "docs").iterdir()}
    missing = [
        (question.id, span.quote)
        for question in QUESTIONS
        for group in question.gold
        for span in group
        if not span.quote or span.quote not in texts[span.document]
    ]
    assert missing == []


def test_near_misses_have_neither_gold_nor_expected_words() -> None:
    assert [q.id for q in QUESTIONS if not q.answerable and (q.gold or q.expected)] == []
    assert [q.id for q in QUESTIONS if q.answerable and not (q.gold and q.expected)] == []


def test_parts_ask_about_different_documents() -> None:
    asked = {part: {d for q in QUESTIONS if part in q.tags for d in q.documents} for part in PARTS}
    assert {part: len(documents) for part, documents in asked.items()} == {"tuning": 9, "report": 3}
    assert not asked["tuning"] & asked["report"]
