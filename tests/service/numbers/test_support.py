"""Whether quotes hold the numbers of a statement."""

import pytest

from service.numbers import unsupported_quantities


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("It cost 35 billion won.", "350억 원이 들었다."),
        ("It cost 35,000,000,000 won.", "350억 원이 들었다."),
        ("350억 원이 들었다.", "It cost 35 billion won."),
        ("약 350억원", "350억여 원"),
        ("The fund holds 188.18 billion won.", "기금은 1천881억8천만원이다."),
        ("On January 29, 2026", "2026. 1. 29."),
        ("2026년 1월 29일", "2026-01-29"),
        ("at 10:00", "오전 10시"),
        ("the third branch", "세 번째 분관"),
        ("five places", "다섯 곳"),
        ("two companies", "두 회사"),
        ("41 percent", "41%"),
        ("1 million dollars", "백만 달러"),
        ("100 to 200 million won", "1~2억 원"),
        ("Around 300", "300여명"),
        ("In 2026", "2026년"),
        ("in the second half of 2026", "2026년 하반기"),
        ("It is one of the first.", "처음이다."),
        ("하나의 도시, 한 명", "도시"),
        ("No numbers here.", ""),
        ("within 60 minutes", "1시간 안에"),
        ("8 hours a day", "하루 8시간"),
        ("for 24 months", "2년간"),
        ("a 3-day course", "3일 과정"),
        ("It is 1.5 km long.", "길이는 1,500m이다."),
        ("10:30", "10시 30분"),
        ("at 10 a.m.", "오전 10시"),
        ("6 months in prison", "징역 6월"),
        ("100 shares", "100주를"),
        ("on 30 June", "6월 30일"),
        ("a third", "3분의 1"),
        ("선착순 30명에게 드립니다.", "선착순 30분을 모신다"),
        ("어린이집은 3곳이다.", "3 day care centers"),
        ("캠프는 4회 열렸다.", "4 week-long camps"),
        ("일본 기업 3곳", "톱3 일본 기업"),
        ("100 square meters", "100 m^2"),
        ("It raised 2.5 million dollars.", "Saebom Labs raised $2.5M in 2025."),
        ("투자금은 250만 달러입니다.", "Saebom Labs raised $2.5M in 2025."),
        ("3.4 million pounds", "£3.4m in 2026"),
        ("2.5 hours", "The training takes 2½ hours."),
        ("10일 안에 냅니다.", "접수일부터 열흘 안에 낸다."),
        ("사흘 동안", "3일 동안"),
        ("사흘째 쉬고 나흘간 일합니다.", "3일째 쉬고 4일간 일한다."),
        ("이레건설이 보름달 축제를 맡았습니다.", "시공사가 맡았다."),
        ("계약금은 350만 원입니다.", "계약금은 일금삼백오십만원정이다."),
        ("1,234,567.89 euros", "Der Preis beträgt 1.234.567,89 €."),
        ("0.25 percentage points", "0.25%p 올랐다"),
    ],
)
def test_a_number_that_the_quote_holds_in_another_form_is_supported(statement: str, quote: str) -> None:
    assert unsupported_quantities(statement, [quote]) == []


@pytest.mark.parametrize(
    ("statement", "quote", "unsupported"),
    [
        ("It cost 350 billion won.", "350억 원", ["350 billion"]),
        ("It cost 35 million won.", "350억 원", ["35 million"]),
        ("350억 달러", "350억 원", ["350억"]),
        ("41%", "41명", ["41"]),
        ("41명", "41%", ["41"]),
        ("2026년 2월", "2026년 1월 2일", ["2"]),
        ("백만 달러", "천만 달러", ["백만"]),
        ("a million won", "십만 원", ["a million"]),
        ("세 곳과 네 곳", "세 곳", ["네"]),
        ("35,000 and 36,000", "3만5000명", ["36,000"]),
        ("1.5%", "15%", ["1.5"]),
        ("within 1 hour", "4분에서 1분 40초로", ["1"]),
        ("3 hours", "3명", ["3"]),
        ("3 months", "3년", ["3"]),
        ("2주 동안", "2일 동안", ["2"]),
        ("500 kilometres", "500m", ["500"]),
        ("300㎡", "300 hectares", ["300"]),
        ("24시간 안에 신청한다.", "2026년 1월 1일 시행한다.", ["24"]),
        ("7일에 열렸다.", "1주일간 열렸다.", ["7"]),
        ("It has 5 rooms.", "5월에 문을 연다.", ["5"]),
        ("5월에 엽니다.", "It has 5 rooms.", ["5"]),
        ("금리는 0.25% 올랐다.", "금리는 0.25%p 올랐다.", ["0.25"]),
        ("It raised 3 million dollars.", "It raised $2.5M.", ["3 million"]),
        ("예산은 7억 원이다.", "예산은 나중에 정한다.", ["7억"]),
    ],
)
def test_a_number_with_another_value_or_unit_is_not_supported(
    statement: str, quote: str, unsupported: list[str]
) -> None:
    assert [quantity.text for quantity in unsupported_quantities(statement, [quote])] == unsupported


def test_each_number_may_stand_in_another_quote() -> None:
    assert unsupported_quantities("3곳에 7억 원", ["3곳이다.", "7억 원이다."]) == []
    assert len(unsupported_quantities("3곳에 7억 원", [])) == 2


@pytest.mark.parametrize(
    "statement", ["It ended on 28 August.", "8월 28일에 끝났다.", "2024. 8. 28.에 끝났다."]
)
def test_month_and_day_of_a_date_have_to_stand_in_one_quote(statement: str) -> None:
    apart = ["지난 8월 제주에서 열렸다.", "행사는 28일부터다. 2024년이다."]
    assert {quantity.text for quantity in unsupported_quantities(statement, apart)} >= {"28"}
    assert unsupported_quantities(statement, ["8월 28~29일에 열린다. 2024년이다."]) == []


TWO_DATES = "설문지는 3월 6일에 보내고 4월 30일까지 알린다. We send it on 6 March and publish by 30 April."


@pytest.mark.parametrize("date", ["3월 30일", "4월 6일", "30 March", "6 April"])
def test_a_date_is_not_put_together_from_two(date: str) -> None:
    assert unsupported_quantities(f"기한 {date} 까지", [TWO_DATES])


@pytest.mark.parametrize(
    ("date", "quote"),
    [
        ("3월 6일", TWO_DATES),
        ("30 April", TWO_DATES),
        ("10월 29일", "10월 28일과 29일에 열린다."),
        ("28 October", "It is held on 28 and 29 October."),
        ("4월 30일", "기한은 3월과 4월의 30일이다."),
    ],
)
def test_a_date_is_in_the_quote(date: str, quote: str) -> None:
    assert unsupported_quantities(f"기한 {date} 까지", [quote]) == []


def test_month_and_day_that_are_no_date_may_stand_apart() -> None:
    assert (
        unsupported_quantities(
            "8월에 시작해 대체로 매달 28일에 열린다.", ["8월에 시작했다.", "28일에 열린다."]
        )
        == []
    )


@pytest.mark.parametrize(
    ("statement", "quote", "supported"),
    [
        ("조합원은 6명입니다.", "제6차 정기총회가 열렸다.", False),
        ("조합원은 6명입니다.", "6호 점포가 문을 열었다.", False),
        ("조합원은 6명입니다.", "조합원 6명이 왔다.", True),
        ("여섯 번째 총회입니다.", "제6차 정기총회가 열렸다.", True),
        ("6회 총회입니다.", "제6차 정기총회가 열렸다.", True),
        ("자리는 2곳입니다.", "2차례 열렸다.", True),  # how often is no place in a series
    ],
)
def test_place_in_a_series_does_not_say_how_many(statement: str, quote: str, *, supported: bool) -> None:
    assert (unsupported_quantities(statement, [quote]) == []) is supported


def test_what_a_document_converts_falsely_backs_nothing() -> None:
    quote = "The owners pay 12억 원(= 12 billion won) for four new lifts."
    (missing,) = unsupported_quantities("They pay 12 billion won.", [quote])
    assert missing.text == "12 billion"
    assert unsupported_quantities("They pay 1.2 billion won for 4 lifts.", [quote]) == []


@pytest.mark.parametrize(
    ("statement", "quote"),
    [("분관은 한 곳에 엽니다.", "분관은 세 곳에 연다."), ("One team won.", "30 teams took part.")],
)
def test_one_is_a_number_where_the_quote_counts_the_same_thing(statement: str, quote: str) -> None:
    assert len(unsupported_quantities(statement, [quote])) == 1
