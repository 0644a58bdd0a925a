import pytest

from eval.metrics.answer import matches_expected


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
