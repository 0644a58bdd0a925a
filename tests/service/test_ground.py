import pytest
from hypothesis import given

from service.assemble import assemble
from service.ground import ground_statement
from service.markers import split_statements
from service.types import Sentence
from tests.growth import measure_growth
from tests.service.grounding import SENTENCES, WRITTEN, ground
from tests.service.made import make_hit, make_sentences


def test_a_statement_without_a_marker_is_tied_to_the_sentence_it_repeats() -> None:
    grounded = ground("개관식에는 주민 40여 명이 왔습니다.", SENTENCES)
    assert [citation.quote for citation in grounded.citations] == [SENTENCES[2].text]
    assert "[1]" in grounded.text


def test_a_number_is_backed_by_the_sentence_that_holds_it_whatever_marker_is_given() -> None:
    grounded = ground("도서관 예산은 350억 원입니다 [1].", SENTENCES)
    assert SENTENCES[1].text in [citation.quote for citation in grounded.citations]
    assert grounded.grounding.unsupported_numbers == ()


def test_a_number_in_no_sentence_makes_a_statement_unsupported() -> None:
    statement = ground_statement("개관식에는 주민 77명이 왔습니다 [3].", SENTENCES)
    assert [quantity.text for quantity in statement.unsupported] == ["77"]
    assert not statement.supported


def test_a_statement_that_copies_the_ending_of_its_question_gets_one_of_its_own() -> None:
    assert ground("[1] 분관은 가람동에 열었나요?", SENTENCES).text == "분관은 가람동에 열었습니다 [1]."


def test_a_question_that_a_sentence_quotes_stays_one() -> None:
    sentences = make_sentences("주민들은 “분관은 언제 열리나요?”라고 물었다.")
    assert ground("[1] 분관은 언제 열리나요?", sentences).text == "분관은 언제 열리나요 [1]?"


@pytest.mark.parametrize("marker", ["[0]", "[4]", "[999]", "[4, 5]"])
def test_a_marker_outside_the_sentences_never_reaches_a_citation(marker: str) -> None:
    grounded = ground(f"예산은 350억 원입니다 {marker}.", SENTENCES)
    assert marker not in grounded.text
    assert [citation.quote for citation in grounded.citations] == [SENTENCES[1].text]


def test_a_sentence_cited_for_the_whole_answer_stays_only_where_it_is_needed() -> None:
    sentences = make_sentences(
        "심사를 거쳐 가람동과 나래동, 다솜동 세 곳에 분관을 열기로 했다.", "돈은 모두 시의 예비비에서 나온다."
    )
    grounded = ground(
        "[1][2] 가람동과 나래동, 다솜동에 분관을 열기로 했습니다. 돈은 모두 시의 예비비에서 나옵니다.",
        sentences,
    )
    assert grounded.text == (
        "가람동과 나래동, 다솜동에 분관을 열기로 했습니다 [1]. 돈은 모두 시의 예비비에서 나옵니다 [2]."
    )


def test_a_statement_that_nothing_backs_is_not_supported() -> None:
    statement = ground_statement("Bananas are yellow.", SENTENCES)
    assert statement.backing == ()
    assert not statement.supported


def test_nothing_is_supported_without_sentences() -> None:
    assert not ground_statement("예산은 350억 원입니다 [1].", []).supported


def test_number_is_not_backed_by_a_passage_that_was_neither_read_nor_quoted() -> None:
    hits = [make_hit("분관은 가람동에 있다."), make_hit("예산은 350억 원이다.", passage_id=2)]
    sentences = [Sentence(hit, hit.sentences[0].span, hit.sentences[0].text, 1.0) for hit in hits]
    written = "가람동 분관은 350억 원입니다 [1]."
    assert ground_statement(written, sentences, n_numbered=2).supported
    assert not ground_statement(written, sentences, n_numbered=1).supported


def test_name_that_the_statement_adds_is_quoted_from_the_same_document() -> None:
    sentences = make_sentences("관장은 행사를 열었다.", "관장 정다운은 시인이다.")
    assert ground_statement("정다운 관장은 행사를 열었습니다 [1].", sentences).backing == (0, 1)


@given(WRITTEN)
def test_a_supported_statement_has_every_number_in_a_quote(text: str) -> None:
    for written in split_statements(text):
        statement = ground_statement(written, SENTENCES)
        if statement.supported:
            quotes = [citation.quote for citation in assemble([statement], SENTENCES).citations]
            assert quotes
            assert not statement.unsupported


def test_grounding_time_grows_no_faster_than_the_text() -> None:
    assert measure_growth(lambda n: ground("예산은 350억 원입니다 [2]. " * n, SENTENCES), 60) < 3
    assert measure_growth(lambda n: ground("[" * n, SENTENCES), 2_500) < 3
    assert measure_growth(lambda n: ground(" " * n + "x", SENTENCES), 2_500) < 3
