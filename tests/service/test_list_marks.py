import pytest

from service.list_marks import without_list_mark


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("1. 예산은 7억 원이다.", "예산은 7억 원이다."),
        ("(가) 신청은 구청에 한다.", "신청은 구청에 한다."),
        ("□ 다만, 예외가 있다.", "다만, 예외가 있다."),
        ("- * 덧붙임", "덧붙임"),
        ("3.5% 늘었다.", "3.5% 늘었다."),
        ("예산은 1. 2억 원", "예산은 1. 2억 원"),
    ],
)
def test_mark_at_the_beginning_is_left_out(text: str, bare: str) -> None:
    assert without_list_mark(text) == bare
