import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.answering.types import Mismatch
from service.answering.verification import Verifier
from tests.service.answering.readings import make_evidence
from tests.service.conftest import load_analyzer, load_glossary


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(load_analyzer(), load_glossary())


def mismatches(
    verifier: Verifier, text: str, *quotes: str, question: str = "", answer: str = "", language: str = "ko"
) -> list[Mismatch]:
    evidence = make_evidence(*quotes, answer=answer)
    return list(verifier.verify(text, question, evidence, language).mismatches)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("예산은 350억 원입니다.", "예산은 350억 원이 들었다."),
        ("예산은 35,000,000,000원입니다.", "예산은 350억 원이 들었다."),
        ("참가비는 무료입니다.", "참가비는 무료이며 교재비는 따로 받는다."),
        ("매주 화요일에 열립니다.", "강좌는 매주 화요일 저녁에 열린다."),
    ],
)
def test_what_a_quote_says_is_accepted(verifier: Verifier, text: str, quote: str) -> None:
    assert mismatches(verifier, text, quote) == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("예산은 360억 원입니다.", "예산은 350억 원이 들었다."),
        ("예산은 350만 원입니다.", "예산은 350억 원이 들었다."),
        ("행사는 5월 4일입니다.", "행사는 5월 3일에 열린다."),
    ],
)
def test_a_number_that_no_quote_has_is_not(verifier: Verifier, text: str, quote: str) -> None:
    assert Mismatch.NUMBER in mismatches(verifier, text, quote)


def test_a_noun_of_the_models_own_is_not_accepted(verifier: Verifier) -> None:
    found = mismatches(verifier, "한도윤 씨는 마을문고의 지도자입니다.", "마을문고의 문고지기는 한도윤 씨다.")
    assert found == [Mismatch.NAME]


def test_nouns_of_the_question_and_of_titles_are_known(verifier: Verifier) -> None:
    evidence = make_evidence("예산은 350억 원이다.", title="푸른숲 도서관")
    verified = verifier.verify("푸른숲 도서관의 총사업비는 350억 원입니다.", "총사업비는?", evidence, "ko")
    assert verified.accepted


def test_the_words_that_the_reader_found_have_to_be_in_the_answer(verifier: Verifier) -> None:
    quote = "주 후원사는 SK이고 부 후원사는 LG이다."
    assert mismatches(verifier, "주 후원사는 LG입니다.", quote, answer="SK") == [Mismatch.ANSWER_MISSING]
    assert mismatches(verifier, "주 후원사는 SK입니다.", quote, answer="SK") == []


def test_the_readers_number_may_be_written_in_another_way(verifier: Verifier) -> None:
    text = "The budget is 35 billion won."
    assert mismatches(verifier, text, "예산은 350억 원이다.", answer="350억 원", language="en") == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("서울에서 열립니다.", "그래서 울산에서 열린다."),
        ("부산에 있습니다.", "일부 산업단지에 있다."),
        ("주관은 SK입니다.", "주관은 task force이다."),
        ("서울 도서관의 예산은 3억 원입니다.", "부산 도서관의 예산은 3억 원이다."),
    ],
)
def test_a_name_is_a_word_of_its_own(verifier: Verifier, text: str, quote: str) -> None:
    assert Mismatch.NAME in mismatches(verifier, text, quote, question="서울 도서관 예산은 얼마인가요?")


@pytest.mark.parametrize(
    "text", ["네, 신청할 수 있습니다.", "아니요.", "예. 됩니다.", "Yes, it is open.", "No."]
)
def test_a_plain_yes_or_no_is_left_to_the_quote(verifier: Verifier, text: str) -> None:
    language = "ko" if text[0] in "네아예" else "en"
    quote = "만 65세가 넘은 사람만 신청할 수 있다." if language == "ko" else "It is open to members."
    assert Mismatch.VERDICT in mismatches(verifier, text, quote, language=language)


@pytest.mark.parametrize(
    ("text", "quote", "language"),
    [
        ("네 곳이 선정되었습니다.", "네 곳이 선정되었다.", "ko"),
        ("No fee is charged.", "No fee is charged for parking.", "en"),
    ],
)
def test_a_word_that_only_looks_like_a_verdict_is_none(
    verifier: Verifier, text: str, quote: str, language: str
) -> None:
    assert Mismatch.VERDICT not in mismatches(verifier, text, quote, language=language)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("The lead is Daegu.", "대구가 사업을 이끈다."),
        ("Daegu leads the project.", "대구가 사업을 이끈다."),
        ("It opens every Tuesday.", "매주 화요일에 연다."),
        ("Parking is free.", "주차는 무료다."),
        ("한도윤 leads it.", "사업은 한도윤 과장이 이끈다."),
    ],
)
def test_an_english_answer_may_use_equivalents_and_spellings(
    verifier: Verifier, text: str, quote: str
) -> None:
    assert mismatches(verifier, text, quote, language="en") == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("The lead is Busan.", "대구가 사업을 이끈다."),
        ("Hyundai leads the project.", "대구가 사업을 이끈다."),
        ("It opens every Thursday.", "매주 화요일에 연다."),
        ("It is held in Gwangju.", "경주에서 열린다."),
        ("한도현 leads it.", "사업은 한도윤 과장이 이끈다."),
    ],
)
def test_another_name_is_not(verifier: Verifier, text: str, quote: str) -> None:
    assert Mismatch.NAME in mismatches(verifier, text, quote, language="en")


def test_the_answer_is_in_the_questions_language(verifier: Verifier) -> None:
    assert Mismatch.LANGUAGE in mismatches(verifier, "The fee is 3 won.", "참가비는 3원이다.", language="ko")
    assert Mismatch.LANGUAGE in mismatches(
        verifier, "참가비는 3원입니다.", "참가비는 3원이다.", language="en"
    )
    assert Mismatch.LANGUAGE in mismatches(verifier, "费用是三元입니다.", "참가비는 3원이다.", language="ko")


def test_a_denial_lacks_what_the_reader_found(verifier: Verifier) -> None:
    text = "The quotes do not mention it."
    found = mismatches(verifier, text, "참가비는 무료다.", answer="무료", language="en")
    assert found == [Mismatch.VERDICT, Mismatch.ANSWER_MISSING]


def test_the_readers_words_may_be_inflected(verifier: Verifier) -> None:
    quote = "교재비는 따로 받는다."
    assert mismatches(verifier, "교재비는 따로 받습니다.", quote, answer="따로 받는다") == []


def test_nothing_is_no_answer(verifier: Verifier) -> None:
    assert Mismatch.EMPTY in mismatches(verifier, " ", "예산은 350억 원이다.")


@given(st.text(max_size=60))
def test_every_text_has_the_numbers_of_its_own_quote(text: str) -> None:
    found = mismatches(Verifier(load_analyzer(), load_glossary()), text, text)
    assert Mismatch.NUMBER not in found


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("아뇨, 안 됩니다.", "외부 차량은 주차할 수 있다."),
        ("맞습니다.", "외부 차량은 주차할 수 있다."),
        ("주차할 수 있습니다.", "외부 차량은 주차할 수 없다."),
        ("주차할 수 없습니다.", "외부 차량은 주차할 수 있다."),
    ],
)
def test_a_yes_or_no_of_the_models_own_is_not_accepted(verifier: Verifier, text: str, quote: str) -> None:
    assert Mismatch.VERDICT in mismatches(verifier, text, quote)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("네 명이 참석했습니다.", "회의에는 네 명이 참석했다."),
        ("예산은 3억 원입니다.", "추가 지원은 없으며 예산은 3억 원이다."),
        ("입장권은 없습니다.", "별도의 입장권은 없다."),
    ],
)
def test_what_only_looks_like_a_verdict_is_accepted(verifier: Verifier, text: str, quote: str) -> None:
    assert mismatches(verifier, text, quote) == []


def test_a_part_of_a_name_is_another_name(verifier: Verifier) -> None:
    assert Mismatch.NAME in mismatches(verifier, "담당은 한도입니다.", "담당은 한도윤 과장이다.")


def test_an_english_answer_may_begin_with_any_common_word(verifier: Verifier) -> None:
    text = "Approximately 40 residents attended."
    assert mismatches(verifier, text, "About 40 residents attended the opening.", language="en") == []


def test_a_korean_answer_may_hold_a_long_latin_name(verifier: Verifier) -> None:
    text = "주관사는 SK Hynix Semiconductor입니다."
    assert mismatches(verifier, text, "주관사는 SK Hynix Semiconductor이다.") == []


def test_the_readers_measure_may_be_written_in_another_unit(verifier: Verifier) -> None:
    assert mismatches(verifier, "회의는 1시간 동안 합니다.", "회의는 60분 동안 한다.", answer="60분") == []


def test_an_english_answer_to_a_korean_question_is_not_accepted(verifier: Verifier) -> None:
    text = "The budget is managed by 푸른숲."
    assert Mismatch.LANGUAGE in mismatches(verifier, text, "예산은 푸른숲이 맡는다.")
