"""An English question with the Korean words that its sentences have for its own."""

import re
from collections.abc import Sequence

import pytest

from index.terms import Glossary
from service.bilingual import with_korean_words

STOP_WORDS = {"and", "for", "is", "its", "the", "which", "how", "much"}
ENTRIES = "company\t기업 회사\nleads\t주도\nbusiness trip\t출장\nbusiness\t사업\nbudget\t예산"


class Splitter:
    """Words between spaces and marks, without those of the list."""

    def words(self, text: str) -> list[str]:
        return [word for word in text.lower().strip("?").split() if word not in STOP_WORDS]

    def words_of_many(self, texts: Sequence[str]) -> list[list[str]]:
        return [self.words(text) for text in texts]


def hinted(question: str, *texts: str) -> str:
    splitter = Splitter()
    return with_korean_words(question, texts, Glossary(splitter, ENTRIES), splitter.words)


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Which company leads it?", "기업 이 주도", "Which company (기업) leads (주도) it?"),
        ("Which company leads it?", "회사 가 왔다", "Which company (회사) leads it?"),
        ("A business trip", "출장 사업", "A business trip (출장)"),
        ("A business and the budget", "사업 예산", "A business (사업) and the budget (예산)"),
        ("Which company?", "관련 없는 글", "Which company?"),
        ("어느 기업인가요?", "기업", "어느 기업인가요?"),
        ("", "기업", ""),
    ],
)
def test_equivalent_that_stands_in_the_sentences_is_put_after_the_word(
    question: str, text: str, expected: str
) -> None:
    assert hinted(question, text) == expected


def test_question_can_be_read_back_without_the_hints() -> None:
    question = "Which company leads the business trip, and how much is its budget?"
    shown = hinted(question, "기업 주도 출장 예산")
    assert re.sub(r" \([가-힣]+\)", "", shown) == question
