import pytest

from service.asked import Kind
from service.given import kinds_missing, quantities_of_kind


@pytest.mark.parametrize(
    ("question", "answer", "missing"),
    [
        ("예산은 얼마인가요?", "예산은 350억 원입니다.", []),
        ("예산은 얼마인가요?", "예산이 늘었습니다.", [Kind.MONEY]),
        ("예산은 얼마인가요?", "예산은 2026년에 정해졌습니다.", [Kind.MONEY]),  # a year is no amount
        ("찬성은 얼마인가요?", "찬성은 62%입니다.", []),  # 얼마 asks for shares as well
        ("몇 퍼센트인가요?", "62%입니다.", []),
        ("몇 퍼센트인가요?", "350억 원입니다.", [Kind.SHARE]),
        ("몇 명이 왔나요?", "40명이 왔습니다.", []),
        ("몇 명이 왔나요?", "350억 원이 들었습니다.", [Kind.COUNT]),
        ("몇 명이 왔나요?", "2026년 5월에 왔습니다.", [Kind.COUNT]),
        ("언제 열리나요?", "5월 3일에 열립니다.", []),
        ("언제 열리나요?", "곧 열립니다.", [Kind.DATE]),
        ("언제까지 넓히나요?", "49개로 넓힙니다.", [Kind.DATE]),
        ("언제 열렸고 예산은 얼마인가요?", "2026년에 열렸습니다.", [Kind.MONEY]),
        ("인쇄비는 얼마인가요?", "500부를 찍었습니다.", [Kind.MONEY]),
        ("인쇄비는 얼마인가요?", "350만입니다.", []),  # the currency goes without saying
        ("하루에 몇 개를 검사하나요?", "42.3% 줄었습니다.", [Kind.COUNT]),
        ("3층에서 일하는 사람은 몇 명인가요?", "3층에서 일합니다.", [Kind.COUNT]),
        ("누가 맡았나요?", "정다운 교수입니다.", []),
        ("How much was it?", "It cost 35 billion won.", []),
        ("How much was it?", "It was a lot.", [Kind.AMOUNT]),
    ],
)
def test_what_an_answer_leaves_out(question: str, answer: str, missing: list[Kind]) -> None:
    assert kinds_missing(question, answer) == missing


def test_days_that_are_counted_are_a_span_of_time() -> None:
    question = "Within how many working days does the desk answer?"
    assert kinds_missing(question, "It answers within 3 working days.") == []


def test_numbers_of_a_kind_are_those_that_the_question_does_not_give() -> None:
    question = "2024년 예산 가운데 얼마를 7곳이 받나요?"
    found = quantities_of_kind(Kind.MONEY, question, "2024년에 7곳이 35억 원과 6천만 원을 받는다.")
    assert [quantity.text for quantity in found] == ["35억", "6천만"]


def test_how_much_is_not_answered_by_how_many() -> None:
    question = "Which regions were selected, and for how much?"
    assert kinds_missing(question, "The 5 regions are Gapo and four others.") == [Kind.AMOUNT]
    assert kinds_missing(question, "They get 35 billion won.") == []


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ("19일에 열렸다.", [Kind.HOUR]),
        ("오후 2시에 열렸다.", []),
        ("정오에 열렸다.", []),
        ("3시간 걸렸다.", [Kind.HOUR]),
    ],
)
def test_asked_for_the_hour_a_day_is_no_answer(answer: str, missing: list[Kind]) -> None:
    assert kinds_missing("개관식은 몇 시에 시작했나요?", answer) == missing


@pytest.mark.parametrize(
    ("answer", "missing"),
    [("예산은 350억이다.", []), ("예산은 3억 원이다.", []), ("연인원 110만 명이 왔다.", [Kind.MONEY])],
)
def test_asked_for_money_a_number_of_people_is_no_answer(answer: str, missing: list[Kind]) -> None:
    assert kinds_missing("축제의 총예산은 얼마인가요?", answer) == missing


@pytest.mark.parametrize(
    ("question", "answer", "missing"),
    [
        ("사업은 몇 년 동안 하나요?", "2026년 3월 3일에 시작한다.", [Kind.DURATION]),
        ("체험은 몇 시간 동안 하나요?", "오후 5시 30분에 돌아온다.", [Kind.DURATION]),
        ("축제는 며칠 동안 열리나요?", "28일부터 30일까지 열린다.", []),
        ("공사는 며칠 걸리나요?", "90분이면 끝난다.", []),
        ("몇 주 만에 들어오나요?", "보증은 24개월이다.", [Kind.DURATION]),
        ("몇 주 만에 들어오나요?", "22주가 걸린다.", []),
        ("몇 시간 걸리나요?", "무상 보증은 3년이다.", [Kind.DURATION]),
        ("How many weeks does it take?", "The warranty is 24 months.", [Kind.DURATION]),
        ("How many weeks does it take?", "It takes ten days.", []),
        ("사업은 몇 년 동안 하나요?", "사업은 3년 동안 한다.", []),
        ("축제는 며칠간 열리나요?", "28일과 29일 이틀 동안 열린다.", []),
        ("축제는 며칠에 열리나요?", "4월 5일에 열린다.", []),
        ("How many days does the fair last?", "The fair is on 5 May.", [Kind.DURATION]),
        ("How many days does the fair last?", "It lasts two days.", []),
        ("Within how many working days is it answered?", "Within 3 working days.", []),
    ],
)
def test_asked_how_long_a_date_is_no_answer(question: str, answer: str, missing: list[Kind]) -> None:
    assert kinds_missing(question, answer) == missing
