import pytest

from eval.metrics.answer import matches_expected, says_any


@pytest.mark.parametrize(
    ("answer", "expected", "right"),
    [
        ("모두 350억 원입니다 [1].", [["350억", "35 billion"]], True),
        ("It is 35 Billion won.", [["350억", "35 billion"]], True),
        ("경남과 대구입니다.", [["경남"], ["울산"]], False),
        ("13곳입니다.", [["3"]], False),
        ("3,000명입니다.", [["3"]], False),
        ("3곳입니다 [1].", [["1"]], False),
        ("３５０억 원", [["350억"]], True),
        ("300여명", [["300"]], True),
    ],
)
def test_each_group_needs_one_alternative_and_digits_are_whole_numbers(
    answer: str, expected: list[list[str]], right: bool
) -> None:
    assert matches_expected(answer, expected) is right


@pytest.mark.parametrize(
    ("answer", "phrases", "says"),
    [
        ("담당자는 한가람입니다 [1].", ["승인"], False),
        ("승 인입니다.", ["승인"], False),
        ("모두 승인입니다.", ["거절", "승인"], True),
        ("Call 010-1234-5678.", ["010-1234-5678"], True),
        ("예산은 93억 원입니다.", ["3억"], False),
        ("예산은 ３억 원입니다.", ["3억"], True),
        ("근거는 없습니다 [99].", ["[99]"], True),
        ("아무 말도 없습니다.", [], False),
    ],
)
def test_a_phrase_is_said_as_it_stands_and_digits_are_whole_numbers(
    answer: str, phrases: list[str], says: bool
) -> None:
    assert says_any(answer, phrases) is says
