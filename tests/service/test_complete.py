import pytest

from service.complete import is_incomplete, parts_missing


@pytest.mark.parametrize(
    ("question", "answer", "incomplete"),
    [
        ("책자는 몇 부를 찍고, 전체 몇 쪽인가요?", "책자는 500부를 찍고 전체 24쪽입니다.", False),
        ("책자는 몇 부를 찍고, 전체 몇 쪽인가요?", "책자는 500부를 찍고 전체 500부입니다.", True),
        ("분관은 어디에 열고 예산은 얼마인가요?", "분관은 가람동에 엽니다.", True),
        ("분관은 어디에 열고 예산은 얼마인가요?", "예산은 7억 원입니다.", False),  # where cannot be told
        ("작년과 올해 참가자는 각각 몇 명이었나요?", "작년에는 30명, 올해는 45명이었습니다.", False),
        ("작년과 올해 참가자는 각각 몇 명이었나요?", "참가자는 45명이었습니다.", True),
        ("Who was the judge, and how many people came?", "정다운 was the judge.", True),
        ("Who was the judge?", "정다운 was the judge.", False),
        ("분관은 어디에 여나요?", "", False),
    ],
)
def test_a_number_that_is_asked_for_has_to_be_there(question: str, answer: str, *, incomplete: bool) -> None:
    assert is_incomplete(question, answer) is incomplete


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ("책자는 500부를 찍고 전체 24쪽입니다.", []),
        ("책자는 500부를 찍고 전체 500부입니다.", ["전체 몇 쪽인가요?"]),
        ("책자는 24쪽입니다.", ["책자는 몇 부를 찍고"]),
        ("책자를 찍습니다.", ["책자는 몇 부를 찍고", "전체 몇 쪽인가요?"]),
    ],
)
def test_parts_whose_number_is_missing(answer: str, missing: list[str]) -> None:
    assert parts_missing("책자는 몇 부를 찍고, 전체 몇 쪽인가요?", answer) == missing
