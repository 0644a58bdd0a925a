from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.ground import Statement
from service.needed import with_needed_quotes
from tests.service.made import make_sentences

PLACE = "한빛 학술대회는 28일 가람구 나래호텔에서 열렸다."
NAMING = "한빛 학술대회 사진"
SPEECH = "그는 “좋은 노래는 마을을 바꾼다”고 말했다."
SPEAKER = "이튿날에는 두레상사의 정다운 대표가 강연했다."


def needed(text: str, question: str, *quotes: str) -> Sequence[str]:
    statement = Statement(text, tuple(range(len(quotes))), ())
    kept = with_needed_quotes(statement, question, make_sentences(*quotes)).backing
    return [quotes[i] for i in kept]


def test_a_quote_that_only_repeats_the_question_is_not_needed() -> None:
    text = "한빛 학술대회는 28일 가람구 나래호텔에서 열렸습니다."
    assert needed(text, "한빛 학술대회는 어디에서 열렸나요?", PLACE, NAMING) == [PLACE]


def test_a_quote_that_gives_the_name_is_needed_however_short_it_is() -> None:
    text = "좋은 노래는 마을을 바꾼다고 말한 사람은 정다운 대표입니다."
    assert needed(text, "좋은 노래는 마을을 바꾼다고 말한 사람은 누구인가요?", SPEECH, SPEAKER) == [
        SPEECH,
        SPEAKER,
    ]


def test_a_quote_that_alone_holds_a_number_is_needed() -> None:
    quotes = ("분관은 가람동과 나래동에 연다.", "예산은 7억 원이다.")
    text = "분관은 가람동과 나래동에 열고 예산은 7억 원입니다."
    assert needed(text, "분관은 어디에 열고 예산은 얼마인가요?", *quotes) == list(quotes)


def test_a_second_source_of_the_whole_answer_stays() -> None:
    quotes = ("분관 예산은 7억 원이다.", "시는 분관 예산으로 7억 원을 낸다.")
    assert needed("분관 예산은 7억 원입니다.", "분관 예산은 얼마인가요?", *quotes) == list(quotes)


def test_an_english_statement_keeps_the_korean_quotes_of_its_names_and_numbers() -> None:
    quotes = ("심사는 정다운 교수가 맡았다.", "대회에는 1천200여 명이 참가했다.", "대회 사진")
    text = "정다운 was the judge, and 1,200 people took part."
    assert needed(text, "Who was the judge, and how many took part?", *quotes) == list(quotes[:2])


@pytest.mark.parametrize("quotes", [(PLACE,), (NAMING,)])
def test_the_only_quote_stays(quotes: tuple[str, ...]) -> None:
    assert needed("학술대회 사진은 나래호텔입니다.", "한빛 학술대회 사진은 어디인가요?", *quotes) == list(
        quotes
    )


@given(
    st.lists(st.sampled_from([PLACE, NAMING, SPEECH, SPEAKER]), max_size=4, unique=True), st.text(), st.text()
)
def test_quotes_are_only_taken_away_and_never_the_last(quotes: list[str], text: str, question: str) -> None:
    kept = needed(text, question, *quotes)
    assert set(kept) <= set(quotes)
    assert bool(kept) == bool(quotes)
