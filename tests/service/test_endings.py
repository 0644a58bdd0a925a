import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.endings import as_statement


@pytest.mark.parametrize(
    ("asked", "stated"),
    [
        ("사무소는 2021년에 냈나요", "사무소는 2021년에 냈습니다."),
        ("사무소는 2021년에 냈나요?", "사무소는 2021년에 냈습니다."),
        ("사무소는 2021년에 냈나요.", "사무소는 2021년에 냈습니다."),
        ("20% 이상이 목표인가요?", "20% 이상이 목표입니다."),
        ("모두 열 곳이 있나요", "모두 열 곳이 있습니다."),
        ("비누를 만드나요?", "비누를 만듭니다."),
        ("구청이 맡나요 ?", "구청이 맡습니다."),
        ("어르신이 오시나요?", "어르신이 오십니다."),
        ("무엇을 하는가", "무엇을 합니다."),
        ("얼마나 큰가요", "얼마나 큽니다."),
        ("사람이 많은가요?", "사람이 많습니다."),
        ("내년일까요?", "내년입니다."),
        ("비가 있을까요?", "비가 있습니다."),
        ("3월 5일입니까?", "3월 5일입니다."),
        ("시장이 밝혔습니까", "시장이 밝혔습니다."),
        ("아직 없나", "아직 없습니다."),
        ("내일 하나?", "내일 합니다."),
        ("천일이 맡는지요?", "천일이 맡습니다."),
    ],
)
def test_question_ends_like_a_statement(asked: str, stated: str) -> None:
    assert as_statement(asked) == stated


@pytest.mark.parametrize(
    "text",
    [
        "",
        "350억 원입니다.",
        "그중 하나",
        "담당은 전문가",
        "예산은 시의 인가",
        "비가 오니까",
        "Yes?",
        "하나요.요",
        "나요",
        "누가 봄까요",
        "목표인가요라고 물었습니다.",
    ],
)
def test_anything_else_stays(text: str) -> None:
    assert as_statement(text) == text


@given(st.text(alphabet="가나는지요까니인가했입습?.! a1"))
def test_what_came_out_is_left_alone(text: str) -> None:
    once = as_statement(text)
    assert as_statement(once) == once


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    as_statement(text)
