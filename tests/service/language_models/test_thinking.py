import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.language_models.thinking import remove_thinking


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("예산은 350억 원입니다.", "예산은 350억 원입니다."),
        ("<think>350인가? 35인가?</think>\n\n예산은 350억 원입니다.", "예산은 350억 원입니다."),
        ("350인가? 35인가?\n</think>\n예산은 350억 원입니다.", "예산은 350억 원입니다."),
        ("<think>\n350인가? 35인가?", ""),
        ("<THINK>a</THINK>b<think>c</think>d", "bd"),
        ("2 < 3 > 1", "2 < 3 > 1"),
    ],
    ids=["none", "whole", "opened by the template", "cut by the limit", "twice", "signs"],
)
def test_reasoning_is_removed(text: str, shown: str) -> None:
    assert remove_thinking(text) == shown


@given(st.text(alphabet="ab <>/think", max_size=40))
def test_what_is_left_has_no_reasoning_marks(text: str) -> None:
    assert "</think>" not in remove_thinking(f"<think>{text}</think>a{text.replace('<', '')}")
