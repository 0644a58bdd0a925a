import pytest

from service.answering.language import answer_language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("예산은 얼마인가요?", "ko"),
        ("What is the budget?", "en"),
        ("AI 예산은?", "ko"),
        ("ISO 37120 인증을 받은 도시는 어디인가요?", "ko"),
        ("What does 두레공방 sell?", "en"),
        ("Who founded 두레공방?", "en"),
        ("What is the budget of 푸른숲 도서관?", "en"),
        ("OpenAI GPT API 가격", "ko"),
        ("Bank of America의 예산은?", "ko"),
        ("머신러닝 machine learning 강좌는 언제 열리나요?", "ko"),
        ("42?", "en"),
        ("", "en"),
    ],
)
def test_the_answer_is_in_the_language_of_the_question(question: str, language: str) -> None:
    assert answer_language(question) == language


@pytest.mark.parametrize("wanted", ["ko", "en"])
@pytest.mark.parametrize("question", ["예산은?", "Budget?"])
def test_the_wanted_language_goes_first(question: str, wanted: str) -> None:
    assert answer_language(question, wanted) == wanted


def test_decomposed_hangul_is_hangul() -> None:
    assert answer_language("\u110b\u1168\u1109\u1161\u11ab\u110b\u1173\u11ab?") == "ko"
