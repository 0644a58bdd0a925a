import pytest

from service.answer_type import fit


@pytest.mark.parametrize(
    ("question", "text", "share"),
    [
        ("예산은 얼마인가요?", "예산은 7억 원이다.", 1.0),
        ("예산은 얼마인가요?", "예산은 시에서 받았다.", 0.0),
        ("What share of them are pupils?", "참가자의 63%가 초등학생이다.", 1.0),
        ("참가비는 얼마이고 몇 명이 왔나요?", "모두 90명이 왔다.", 0.5),
        ("심사는 누가 맡았나요?", "정다운 교수가 심사했다.", 1.0),
        ("Who judged the songs?", "정다운 교수가 심사했다.", 1.0),
        ("심사는 누가 맡았나요?", "심사는 오후에 했다.", 0.0),
        ("심사는 누가 맡았나요?", "나다운 기자", 0.0),  # who wrote the article
        ("기사를 쓴 기자는 누구인가요?", "나다운 기자", 1.0),
        ("소책자는 몇 쪽인가요?", "소책자는 500부를 찍는다.", 0.0),  # counts something else
        ("소책자는 몇 쪽인가요?", "소책자는 모두 24쪽이다.", 1.0),
        ("몇 명이 왔나요?", "여섯 사람이 왔다.", 1.0),
        ("How many came?", "여섯 사람이 왔다.", 1.0),
        ("언제 열렸나요?", "지난 19일에 열렸다.", 1.0),
        ("언제 열렸나요?", "참가비는 3만 원이다.", 0.0),
        ("When did it open?", "It opened on 3 May.", 1.0),
        ("What time does it open?", "It opens at 6 AM.", 1.0),
        ("What time does it open?", "It opens at 6 a.m.", 1.0),
        ("몇 시에 여나요?", "Opening: 7:45", 1.0),
        ("What time does it open?", "It opens after the ceremony.", 0.0),
        ("무엇을 파나요?", "그릇 3개를 판다.", 0.0),  # asks for no such kind
    ],
)
def test_sentence_fits_by_the_kinds_of_thing_that_it_gives(question: str, text: str, share: float) -> None:
    assert fit(question, text) == share


def test_number_of_the_question_is_not_what_it_asks_for() -> None:
    assert fit("2024년에 몇 명이 왔나요?", "2024년에도 열렸다.") == 0.0
