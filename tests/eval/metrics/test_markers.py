import pytest

from eval.metrics.markers import split_statements, without_markers


def test_a_marker_after_the_full_stop_belongs_to_the_statement_before_it() -> None:
    assert split_statements("예산은 350억 원이다. [2] 주민이 왔다. [3]") == [
        "예산은 350억 원이다 [2].",
        "주민이 왔다 [3].",
    ]


def test_a_remark_in_parentheses_between_a_full_stop_and_its_marker_belongs_to_the_statement() -> None:
    text = "“설비는 7천만 원이다.” (7천만 원 = 70 million won) [2]"
    assert split_statements(text) == ["“설비는 7천만 원이다 (7천만 원 = 70 million won) [2].”"]


@pytest.mark.parametrize(
    "written", ["[2] 예산은 350억 원이다. [1][3] 주민이 왔다.", "[2] 예산은 350억 원이다.[1][3] 주민이 왔다."]
)
def test_a_marker_before_a_statement_belongs_to_it(written: str) -> None:
    assert split_statements(written) == ["[2] 예산은 350억 원이다.", "[1][3] 주민이 왔다."]


def test_a_marker_before_a_statement_is_also_for_those_after_it() -> None:
    assert split_statements("[2] 예산이 들었다. 350억 원이다. [1] 주민이 왔다.") == [
        "[2] 예산이 들었다.",
        "[2] 350억 원이다.",
        "[1] 주민이 왔다.",
    ]


def test_markers_leave_with_the_space_before_them() -> None:
    assert without_markers("예산은 [2] 350억 원이다 [1; 3] [2].") == "예산은 350억 원이다."
