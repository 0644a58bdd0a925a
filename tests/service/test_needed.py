from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.ground import Statement
from service.needed import by_document_that_answers, with_needed_quotes
from service.types import Sentence
from tests.service.made import make_hit, make_sentences

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


def of_document(ident: str, *texts: str) -> list[Sentence]:
    hit = make_hit(*texts, document_id=ident)
    return [Sentence(hit, sentence.span, sentence.text, 1.0) for sentence in hit.sentences]


def answering(text: str, question: str, quotes: Sequence[Sentence]) -> list[list[str]]:
    return [[quote.text for quote in group] for group in by_document_that_answers(text, question, quotes)]


def test_a_document_that_only_has_the_question_gives_none_of_the_answer() -> None:
    hall = of_document("hall", "가람동 회관에서 겨울 음악회가 열렸다.")
    hotel = of_document("hotel", "학술대회는 나래호텔에서 열렸다.")
    question = "가람동 겨울 음악회는 어느 호텔에서 열렸나요?"
    text = "가람동 겨울 음악회는 나래호텔에서 열렸습니다."
    assert answering(text, question, hall + hotel) == [["학술대회는 나래호텔에서 열렸다."]]


def test_each_document_that_gives_a_number_or_a_name_answers() -> None:
    one = of_document("one", "가람동 분관의 장서는 300권이다.")
    other = of_document("other", "나래동 분관의 장서는 500권이다.")
    text = "가람동 분관은 300권, 나래동 분관은 500권입니다."
    assert len(answering(text, "두 분관의 장서는 각각 몇 권인가요?", one + other)) == 2


def test_documents_that_give_the_same_answer_are_taken_together() -> None:
    one, other = (of_document(ident, "입장료는 5천 원이다.") for ident in ("one", "other"))
    assert answering("입장료는 5천 원입니다.", "입장료는 얼마인가요?", one + other) == [
        ["입장료는 5천 원이다.", "입장료는 5천 원이다."]
    ]


def test_small_words_and_numbers_of_the_question_are_no_answer() -> None:
    hotel = of_document("hotel", "Lotte Hotel hosted it.")
    guests = of_document("guests", "The conference of dentists drew 300 guests.")
    question = "In which hotel was a forum held?"
    assert answering("The Lotte Hotel hosted it.", question, hotel + guests) == [["Lotte Hotel hosted it."]]
    budget = of_document("budget", "예산은 3억 원이다.")
    year = of_document("year", "2025년 사업을 마쳤다.")
    text = "2025년 예산은 3억 원입니다."
    assert answering(text, "2025년 예산은 얼마인가?", budget + year) == [["예산은 3억 원이다."]]
