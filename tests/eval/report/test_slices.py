import pytest

from eval.report.slices import Slice, parse_slice, slices_of
from eval.types import Question

KOREAN = Question("1", "예산은?", answerable=True, lang="ko", tags=("number", "list"))
ENGLISH = Question("2", "budget?", answerable=True, lang="en", tags=("number",))
NOTHING = Question("3", "날씨는?", answerable=False, lang="ko")


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("lang=ko", [KOREAN, NOTHING]),
        ("tag = list", [KOREAN]),
        ("answerable=true", [KOREAN, ENGLISH]),
        ("answerable=false", [NOTHING]),
        ("tag=date", []),
    ],
)
def test_a_slice_holds_the_questions_it_names(text: str, inside: list[Question]) -> None:
    part = parse_slice(text)
    assert [question for question in (KOREAN, ENGLISH, NOTHING) if part.holds(question)] == inside


@pytest.mark.parametrize("text", ["lang", "lang=", "author=kim", "answerable=yes", ""])
def test_what_is_no_slice_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="slice") as caught:
        parse_slice(text)
    assert repr(text) in str(caught.value)


def test_slices_of_a_set_leave_out_what_all_questions_share() -> None:
    assert [str(part) for part in slices_of([KOREAN, ENGLISH])] == ["lang=en", "lang=ko", "tag=list"]


def test_a_slice_reads_back_as_it_is_written() -> None:
    assert parse_slice(str(Slice("tag", "near-miss"))) == Slice("tag", "near-miss")
