import pytest

from service.quoting import as_quotation, echoes, is_said_in, sentences_to_quote, unbroken
from service.types import Sentence
from tests.service.made import make_hit, make_sentences


def first_of(*lines: str) -> Sentence:
    hit = make_hit(*lines, start=40)
    return Sentence(hit, hit.sentences[0].span, lines[0], 1.0)


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (("예산은 7억 원이다.", "상금은 3만 원이다."), "예산은 7억 원이다."),
        (("예산은 7억 원이며, 상금은", "3만 원이다."), "예산은 7억 원이며, 상금은 3만 원이다."),
        (("분관을", "세 곳에", "열었음", "끝"), "분관을 세 곳에 열었음"),
        (("한 줄", "두 줄", "세 줄", "네 줄"), "한 줄 두 줄 세 줄"),
        (("마지막 줄",), "마지막 줄"),
        (("분관 | 3층", "본관 | 5층"), "분관 | 3층"),
    ],
)
def test_sentence_that_a_margin_broke_is_quoted_whole(lines: tuple[str, ...], whole: str) -> None:
    sentence = unbroken(first_of(*lines))
    assert sentence.text == whole
    assert (sentence.span.start, sentence.span.end) == (40, 40 + len(whole))


def share_in(part: str, text: str) -> float:
    words = part.split()
    return sum(word[:2] in text for word in words) / len(words)


def test_korean_quotation_holds_the_sentence_as_it_stands() -> None:
    assert (
        as_quotation("예산은 7억2천만 원이다.", "ko")
        == "문서에는 “예산은 7억2천만 원이다.”라고 적혀 있습니다."
    )


def test_english_quotation_converts_the_amounts_beside_it() -> None:
    assert as_quotation("예산은 7억2천만 원,\n상금은 3만 원이다.", "en") == (
        "The document says: “예산은 7억2천만 원, 상금은 3만 원이다” "
        "(7억2천만 원 = 720 million won; 3만 원 = 30,000 won)."
    )


def test_english_quotation_without_amounts_stands_alone() -> None:
    assert as_quotation("The fee is 3 euros.", "en") == "The document says: “The fee is 3 euros”."
    assert as_quotation("분관은 세 곳이다.", "en") == "The document says: “분관은 세 곳이다”."


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("개관식은 열렸습니다.", "개관식은 어디에서 열렸나요?"),
        ("Suppliers could pitch to the investors.", "Which investors could suppliers pitch to?"),
        (
            "The forum was organised together with the city.",
            "Who organised the forum together with the city?",
        ),
    ],
)
def test_statement_that_adds_nothing_to_its_question_echoes_it(statement: str, question: str) -> None:
    assert echoes(statement, question)


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("개관식은 가람동에서 열렸습니다.", "개관식은 어디에서 열렸나요?"),
        ("예산은 7억 원입니다.", "예산은 얼마인가요?"),
        ("Durae sells bowls.", "What does Durae sell?"),
        ("도서관은 문을 열었습니다.", "도서관은 문을 열었나요?"),  # whether, not what
        ("The library is older.", "Which of the two is older, the library or the hall?"),  # a choice
    ],
)
def test_statement_that_answers_is_no_echo(statement: str, question: str) -> None:
    assert not echoes(statement, question)


BOOKLET = make_sentences(
    "소책자는 모두 24쪽이다.",
    "소책자는 1차로 500부를 찍는다.",
    "소책자 값은 3천 원이다.",
    "발송은 금요일이다.",
)


@pytest.mark.parametrize(
    ("question", "chosen"),
    [
        ("소책자는 몇 쪽인가요?", [0]),
        ("소책자는 몇 부를 찍고, 모두 몇 쪽인가요?", [1, 0]),
        ("소책자 값은 얼마인가요?", [2]),
        ("소책자는 몇 명이 썼나요?", []),
        ("소책자는 누가 썼나요?", []),  # no kind of number
        ("소책자는 몇 쪽이고, 누가 썼나요?", []),  # one part would go without
    ],
)
def test_sentence_is_chosen_for_each_part_by_what_it_counts(question: str, chosen: list[int]) -> None:
    assert sentences_to_quote(question, BOOKLET, share_in) == chosen


def test_among_several_the_one_with_more_of_the_question_is_chosen() -> None:
    sentences = make_sentences("상금은 50만 원이다.", "참가비는 3만 원이다.")
    assert sentences_to_quote("참가비는 얼마인가요?", sentences, share_in) == [1]


@pytest.mark.parametrize(
    ("statement", "is_same"),
    [
        ("회관은 3월에 연다.", True),
        ("회관은 3월에", True),
        ("문서에는 “회관은 3월에 연다.”라고 적혀 있습니다.", True),
        ("회관은 3월에 엽니다.", False),
        ("회관은 5월에 연다.", False),
        ("관장은 회관은 3월에 연다.", False),
    ],
)
def test_statement_is_its_sentence_a_part_of_it_or_its_quotation(statement: str, *, is_same: bool) -> None:
    assert is_said_in(statement, "회관은 3월에 연다.") is is_same
