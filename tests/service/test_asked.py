import pytest

from service.asked import (
    Kind,
    asks,
    asks_for_several,
    is_only_for_kinds,
    kinds_asked,
    parts_of,
)


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("예산은 얼마인가요?", [Kind.MONEY]),
        ("찬성은 얼마인가요?", [Kind.AMOUNT]),
        ("How much did the hall cost?", [Kind.AMOUNT]),
        ("몇 퍼센트가 찬성했나요?", [Kind.SHARE]),
        ("몇 %가 찬성했나요?", [Kind.SHARE]),
        ("What share of the votes was for it?", [Kind.SHARE]),
        ("몇 명이 왔나요?", [Kind.COUNT]),
        ("분관은 몇 곳인가요?", [Kind.COUNT]),
        ("How many people came?", [Kind.COUNT]),
        ("축제는 언제 열리나요?", [Kind.DATE]),
        ("몇 월에 열리나요?", [Kind.DATE]),
        ("며칠 동안 열리나요?", [Kind.DURATION]),
        ("몇 시간 걸리나요?", [Kind.DURATION]),
        ("How many working days does it take?", [Kind.DURATION]),
        ("How much time do visitors get?", [Kind.DURATION]),
        ("몇 시에 여나요?", [Kind.HOUR]),
        ("What time does it open?", [Kind.HOUR]),
        ("난방기를 바꾸는 데 돈이 얼마나 들었나요?", [Kind.MONEY]),
        ("바닥을 까는 데 쓴 비용을 알려 주세요.", [Kind.MONEY]),
        ("What budget has been set for it?", [Kind.MONEY]),
        ("충전기 설치비로 얼마를 주나요?", [Kind.MONEY]),
        ("비용이 얼마나 늘었나요?", []),
        ("몇 주 만에 들어오나요?", [Kind.DURATION]),
        ("방은 몇 층인가요?", [Kind.COUNT]),
        ("When does it open?", [Kind.DATE]),
        ("Which year was it?", [Kind.DATE]),
        ("누가 심사를 맡았나요?", []),
        ("Who was the judge?", []),
    ],
)
def test_kind_is_told_from_the_question(question: str, kinds: list[Kind]) -> None:
    assert kinds_asked(question) == kinds


def test_kinds_come_in_the_order_asked() -> None:
    assert kinds_asked("언제 열렸고 예산은 얼마이며 몇 명이 왔나요?") == [Kind.DATE, Kind.MONEY, Kind.COUNT]
    assert kinds_asked("How many came, and when?") == [Kind.COUNT, Kind.DATE]


def test_how_long_or_often_is_no_amount() -> None:
    assert kinds_asked("얼마나 자주 열리나요?") == []


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("예산은 얼마인가요?", True),
        ("누가 얼마를 냈나요?", False),
        ("언제 어디에서 열리나요?", False),
        ("언제 열리고 참가비는 얼마인가요?", False),
        ("When was the hall opened?", True),
        ("Where and when was it opened?", False),
        ("How much did it cost?", True),
        ("How was it opened and how much did it cost?", False),
        ("심사를 맡은 사람은?", False),
    ],
)
def test_question_for_one_kind_and_nothing_else(question: str, only: bool) -> None:
    assert is_only_for_kinds(question) is only


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("관장은 누구이고, 예산은 얼마인가요?", ["관장은 누구이고", "예산은 얼마인가요?"]),
        ("Who leads it, and since when?", ["Who leads it", "since when?"]),
        ("관장은 누구인가요? 언제 열었나요?", ["관장은 누구인가요?", "언제 열었나요?"]),
        ("문을 열고 나서 관장이 된 사람은 누구인가요?", ["문을 열고 나서 관장이 된 사람은 누구인가요?"]),
        ("예산은 얼마인가요?", ["예산은 얼마인가요?"]),
        ("", [""]),
    ],
)
def test_question_that_asks_for_several_things_has_parts(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    ("question", "is_asking"),
    [
        ("누가 왔나요?", True),
        ("Where is it?", True),
        ("도서관은 문을 열었나요?", False),
        ("Is it open?", False),
    ],
)
def test_question_asks_for_something_or_only_whether(question: str, is_asking: bool) -> None:
    assert asks(question) is is_asking


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("매출과 이익은 각각 얼마인가요?", True),
        ("축제는 언제이고 어디에서 열리나요?", True),
        ("What did each of the two pay?", True),
        ("축제는 어디에서 열리나요?", False),
        ("Who teaches botany?", False),
    ],
)
def test_question_asks_for_several_things(question: str, several: bool) -> None:
    assert asks_for_several(question) is several
