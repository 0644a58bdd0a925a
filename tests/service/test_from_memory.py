import pytest

from service.from_memory import answers_from_memory
from service.ground import ground_statement
from tests.service.grounding import SENTENCES
from tests.service.made import make_sentences


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("프랑스 대통령의 이름은 무엇인가요?", "프랑스 대통령의 이름은 홍길동입니다 [1]."),
        ("Who is the president of France?", "The president of France is Viktor Zimmer [1]."),
    ],
)
def test_a_name_that_no_quote_holds_is_not_supported_by_a_marker(question: str, written: str) -> None:
    assert not ground_statement(written, SENTENCES, question).supported


def test_an_english_name_is_backed_by_the_hangul_that_spells_it() -> None:
    sentences = make_sentences("에너캠프는 충전기를 만든다.")
    assert ground_statement("The maker is Enercamp [1].", sentences, "Who makes chargers?").supported


@pytest.mark.parametrize("name", ["Hong Gildong", "Gildong Hong", "Hong Gil-dong", "Gil Dong Hong"])
def test_english_name_of_two_words_is_backed_by_the_hangul_that_spells_it(name: str) -> None:
    assert not answers_from_memory(f"The director is {name}.", "Who is the director?", "홍길동 관장이 왔다.")
    assert answers_from_memory(f"The director is {name}.", "Who is the director?", "정다운 관장이 왔다.")


@pytest.mark.parametrize("text", ["관장은 홍길동입니다.", "The director is Gildong Hong."])
def test_what_the_quotes_do_not_say_is_from_memory(text: str) -> None:
    assert answers_from_memory(text, "관장은 누구인가요? Who is the director?", "분관을 열었다.")


@pytest.mark.parametrize(
    "text",
    [
        "관장은 정다운입니다.",
        "관장은 시인입니다.",
        "The director is from Enercamp.",
        "관장은",  # adds nothing
    ],
)
def test_what_the_quotes_or_the_question_say_is_not_from_memory(text: str) -> None:
    question = "관장은 누구인가요? Who is the director?"
    assert not answers_from_memory(text, question, "에너캠프의 정다운은 시인이다.")


@pytest.mark.parametrize(
    ("statement", "from_memory"),
    [
        ("The fair was opened by John Miller with 40 guests.", True),
        ("The fair was opened by Jeong Daun with 40 guests.", False),
        ("The fair was opened in August 2024 with 40 guests.", False),  # a month is nobody
    ],
)
def test_who_is_answered_by_a_name_of_the_quotes_also_beside_numbers(
    statement: str, *, from_memory: bool
) -> None:
    quote = "정다운 관장이 손님 40명과 함께 문을 열었다."
    assert answers_from_memory(statement, "Who opened the fair?", quote) is from_memory
    assert not answers_from_memory(statement, "When was the fair opened?", quote)


def test_korean_name_in_latin_letters_is_not_backed_by_another_beside_it() -> None:
    quote = "무대는 정다운 미술감독이 설계했다."
    question = "Who directed the play?"
    assert answers_from_memory("It was directed by Kim Tae-ho (정다운 미술감독).", question, quote)
    assert not answers_from_memory("It was directed by Jeong Da-un (정다운 미술감독).", question, quote)
    assert not answers_from_memory("Kim Tae-ho worked with 정다운.", "Who worked with Kim Tae-ho?", quote)
