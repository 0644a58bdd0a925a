from dataclasses import replace

import pytest

from service.titles import asks_for_title, is_title
from service.types import Sentence
from tests.service.made import make_sentences


def under(text: str, title: str, heading: str = "") -> Sentence:
    (sentence,) = make_sentences(text)
    return replace(sentence, hit=replace(sentence.hit, title=title, heading=heading))


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("# 가온시장 재건축 안내", ""),
        ("공사 일정", "가온시장 재건축 안내 > 공사 일정"),
        ("공사 일정", "공사 일정"),
    ],
)
def test_title_and_headings_are_titles(text: str, heading: str) -> None:
    assert is_title(under(text, "가온시장 재건축 안내", heading))


@pytest.mark.parametrize("text", ["가온시장 재건축 안내를 알려 드립니다.", "재건축", "…"])
def test_sentence_that_says_more_or_less_is_none(text: str) -> None:
    assert not is_title(under(text, "가온시장 재건축 안내"))


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("이 공고의 제목은 무엇인가요?", True),
        ("What is the report called?", True),
        ("조사는 어디에서 맡았나요?", False),
        ("Who did the survey?", False),
    ],
)
def test_question_may_ask_for_what_something_is_called(question: str, *, asked: bool) -> None:
    assert asks_for_title(question) is asked
