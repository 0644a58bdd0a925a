import pytest

from service.complete import is_incomplete, parts_missing


def names_in(text: str) -> list[str]:
    return [name for name in ("정다운",) if name in text]


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
        ("Which firm built it, and who is its CEO?", "한울상사가 지었다.", True),
        ("Which firm built it, and who is its CEO?", "한울상사 정다운 대표가 지었다.", False),
        ("예산은 얼마이고 회장은 누구인가요?", "예산은 7억 원이다.", True),
        ("예산은 얼마이고 회장은 누구인가요?", "예산은 7억 원이다. 정다운 회장이 밝혔다.", False),
        ("분관은 어디에 여나요?", "", False),
    ],
)
def test_what_is_asked_for_has_to_be_there(question: str, answer: str, *, incomplete: bool) -> None:
    assert is_incomplete(question, answer, answer, names_in) is incomplete


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
    assert parts_missing("책자는 몇 부를 찍고, 전체 몇 쪽인가요?", answer, "", names_in) == missing


def test_who_holds_an_office_has_to_be_in_the_quotes() -> None:
    question = "예산은 얼마이고 회장은 누구인가요?"
    answer = "예산은 7억 원, 회장은 정다운입니다."
    assert parts_missing(question, answer, "예산은 7억 원이다.", names_in) == ["회장은 누구인가요?"]
    assert parts_missing(question, answer, "정다운 회장은 예산을 7억 원으로 정했다.", names_in) == []
