from hypothesis import given

from service.assemble import assemble
from service.ground import Statement
from service.numbers import find_quantities
from tests.service.grounding import SENTENCES, WRITTEN, ground


def test_a_cited_statement_keeps_its_marker_and_quotes_the_sentence() -> None:
    grounded = ground("예산은 350억 원입니다 [2].", SENTENCES)
    assert grounded.text == "예산은 350억 원입니다 [1]."
    (citation,) = grounded.citations
    assert (citation.marker, citation.quote) == (1, "예산은 350억 원이다.")
    passage = SENTENCES[0].hit.text
    assert passage[citation.start : citation.end] == citation.quote
    assert grounded.grounding.supported_sentences == 1


def test_an_invented_marker_is_dropped_and_counted() -> None:
    grounded = ground("예산은 350억 원입니다 [9][2].", SENTENCES)
    assert grounded.text == "예산은 350억 원입니다 [1]."
    assert grounded.grounding.invented_markers == 1


def test_several_markers_in_one_bracket_are_several_citations() -> None:
    grounded = ground("도서관은 분관을 열었고 주민 40여 명이 왔습니다 [1, 3].", SENTENCES)
    assert [citation.quote for citation in grounded.citations] == [SENTENCES[0].text, SENTENCES[2].text]


def test_a_marker_before_a_statement_is_shown_behind_it() -> None:
    assert ground("[2] 예산은 350억 원입니다.", SENTENCES).text == "예산은 350억 원입니다 [1]."


def test_citations_are_numbered_from_1_in_the_order_of_the_answer() -> None:
    grounded = ground("주민 40여 명이 왔습니다 [3]. 예산은 350억 원입니다 [2].", SENTENCES)
    assert [citation.marker for citation in grounded.citations] == [1, 2]
    assert [citation.quote for citation in grounded.citations] == [SENTENCES[2].text, SENTENCES[1].text]
    assert grounded.text.index("[1]") < grounded.text.index("[2]")


def test_a_sentence_cited_twice_is_one_citation() -> None:
    grounded = ground("예산은 350억 원입니다 [2]. 350억 원이 예산입니다 [2].", SENTENCES)
    assert len(grounded.citations) == 1
    assert grounded.text.count("[1]") == 2


def test_statements_are_assembled_with_the_markers_of_each() -> None:
    unsupported = tuple(find_quantities("77명"))
    grounded = assemble(
        [Statement("첫째.", (2, 0), ()), Statement("둘째.", (0,), unsupported), Statement("셋째.", (), ())],
        SENTENCES,
    )
    assert grounded.text == "첫째 [1][2]. 둘째 [2]. 셋째."
    assert grounded.markers == ((1, 2), (2,), ())
    assert (grounded.grounding.sentences, grounded.grounding.supported_sentences) == (3, 1)
    assert grounded.grounding.unsupported_numbers == ("77",)


@given(WRITTEN)
def test_quotes_are_exact_and_markers_and_citations_agree(text: str) -> None:
    grounded = ground(text, SENTENCES)
    assert [citation.marker for citation in grounded.citations] == list(range(1, len(grounded.citations) + 1))
    for citation in grounded.citations:
        assert f"[{citation.marker}]" in grounded.text
        assert SENTENCES[0].hit.text[citation.start : citation.end] == citation.quote
