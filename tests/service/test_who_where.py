import re

import pytest

from service.who_where import names_nobody_new

REPORT = "최종 보고회는 2026년 4월 21일로 잡혀 있다."
VISIT = "사전 답사는 3월 27일 교사 4명이 다녀왔다."


def nouns_in(text: str) -> list[str]:
    return [
        noun
        for noun in ("최종", "보고회", "사전", "답사", "교사", "한울관", "정다운", "오전")
        if noun in text
    ]


def is_asked(noun: str) -> bool:
    return noun in ("보고회", "최종")  # as of a question in English: final report


def names_in(text: str) -> list[str]:
    return re.findall("정다운|한울관", text)


@pytest.mark.parametrize(
    ("question", "quote", "nobody"),
    [
        ("최종 보고회 장소는 어디인가요?", REPORT, True),
        ("최종 보고회는 어디에서 하나요?", "최종 보고회는 오전에 한다.", True),
        ("최종 보고회는 어디에서 하나요?", "최종 보고회는 한울관에서 한다.", False),
        ("최종 보고회는 언제인가요?", REPORT, False),  # asks for neither
        ("어느 회관에서 최종 보고회를 하나요?", REPORT, True),
        ("In which hotel is the final report?", REPORT, True),
        ("In which hotel is the final report?", "최종 보고회는 한울관에서 한다.", False),
        ("최종 보고회는 언제 어디에서 하고, 누가 오나요?", REPORT, False),  # several parts
        ("최종 보고회는 어느 층에서 하나요?", "최종 보고회는 3층에서 한다.", False),
        ("In which city council meeting was the report?", REPORT, False),
        ("사전 답사는 누가 다녀왔나요?", VISIT, False),  # teachers did
        ("사전 답사를 다녀온 교사의 성함을 알려 주세요.", VISIT, True),
        ("사전 답사를 다녀온 교사의 성함을 알려 주세요.", "사전 답사는 정다운이 다녀왔다.", False),
        ("사전 답사를 다녀온 분의 성함은?", "사전 답사는 문다솔 과장이 다녀왔다.", False),  # by the title
        ("What is the name of the guide?", "The guide is Moon Dasol.", False),
        ("What was the guide's name?", "It was a guide from the town.", False),  # "It" may be one
    ],
)
def test_quote_without_a_new_person_or_place_is_no_answer(question: str, quote: str, nobody: bool) -> None:
    assert names_nobody_new(question, [quote], nouns_in, names_in, is_asked) is nobody
