from collections.abc import Sequence
from dataclasses import replace

import pytest

from index.reader.rerank import ReadHit
from service.answering.evidence import MOST_QUOTES, cite, select_evidence
from tests.service.answering.readings import CALIBRATION, make_hit, make_read

PLAN = make_hit(["분관을 세 곳에 연다.", "예산은 350억 원이다.", "시가 절반을 댄다.", "내년 봄에 문을 연다."])
NOTICE = make_hit(["주차는 두 시간까지 무료다."], document="e", passage=2)


def texts(read: Sequence[ReadHit]) -> list[str]:
    return [quote.text for quote in select_evidence(read, CALIBRATION).quotes]


def test_the_likeliest_sentence_is_chosen() -> None:
    assert texts([make_read(PLAN, [0.01, 0.9, 0.01, 0.01])]) == ["예산은 350억 원이다."]


def test_sentences_nearly_as_likely_join_it_in_the_order_of_the_document() -> None:
    assert texts([make_read(PLAN, [0.01, 0.9, 0.01, 0.6])]) == [
        "예산은 350억 원이다.",
        "내년 봄에 문을 연다.",
    ]


def test_a_neighbour_of_a_chosen_sentence_needs_less() -> None:
    assert texts([make_read(PLAN, [0.3, 0.9, 0.01, 0.3])]) == ["분관을 세 곳에 연다.", "예산은 350억 원이다."]


def test_each_document_may_give_a_part_and_the_best_one_comes_first() -> None:
    read = [make_read(PLAN, [0.01, 0.6, 0.01, 0.01]), make_read(NOTICE, [0.9])]
    assert texts(read) == ["주차는 두 시간까지 무료다.", "예산은 350억 원이다."]


def test_sentences_of_an_unlikely_passage_count_less() -> None:
    read = [make_read(PLAN, [0.01, 0.9, 0.01, 0.01]), make_read(NOTICE, [0.9], score=-2.0)]
    assert texts(read) == ["예산은 350억 원이다."]


def test_a_sentence_in_two_passages_is_quoted_once() -> None:
    again = make_hit(PLAN.text.split("\n"), passage=7)
    assert texts([make_read(PLAN, [0.01, 0.9, 0.01, 0.01]), make_read(again, [0.01, 0.9, 0.01, 0.01])]) == [
        "예산은 350억 원이다."
    ]


def test_the_same_sentence_of_two_documents_is_quoted_once() -> None:
    copy = make_hit(["예산은  350억 원이다"], document="f", passage=9)
    read = [make_read(PLAN, [0.01, 0.9, 0.01, 0.01]), make_read(copy, [0.9])]
    assert texts(read) == ["예산은 350억 원이다."]


def test_punctuation_alone_is_not_quoted() -> None:
    broken = make_hit(["예산은 350억 원이다", "."])
    assert texts([make_read(broken, [0.9, 0.8])]) == ["예산은 350억 원이다"]
    assert not select_evidence([make_read(make_hit(["."]), [0.9])], CALIBRATION).sufficient


def test_without_a_fitted_calibration_nothing_is_trusted() -> None:
    read = [make_read(PLAN, [0.01, 0.9, 0.01, 0.01])]
    assert select_evidence(read, CALIBRATION).trusted
    assert not select_evidence(read, CALIBRATION, calibrated=False).trusted


def test_no_more_than_four_sentences_are_quoted() -> None:
    hit = make_hit([f"{n}번 문장이다." for n in range(9)])
    assert len(texts([make_read(hit, [0.9] * 9)])) == MOST_QUOTES


@pytest.mark.parametrize(
    ("score", "sufficient", "trusted"), [(-1.0, False, False), (1.0, True, False), (3.0, True, True)]
)
def test_the_best_passage_decides_whether_there_is_an_answer(
    score: float, sufficient: bool, trusted: bool
) -> None:
    evidence = select_evidence([make_read(PLAN, [0.01, 0.9, 0.01, 0.01], score=score)], CALIBRATION)
    assert (evidence.sufficient, evidence.trusted) == (sufficient, trusted)


def test_without_passages_there_is_no_evidence() -> None:
    evidence = select_evidence([], CALIBRATION)
    assert not evidence.sufficient
    assert evidence.quotes == ()


def test_citations_are_exact_spans_numbered_in_reading_order() -> None:
    read = [make_read(PLAN, [0.01, 0.9, 0.01, 0.6], answer="350억 원")]
    evidence = select_evidence(read, CALIBRATION)
    citations = cite(evidence)
    assert [citation.marker for citation in citations] == [1, 2]
    assert all(PLAN.text[c.start : c.end] == c.quote for c in citations)
    assert [quote.answer_text for quote in evidence.quotes] == ["350억 원", ""]


def test_a_neighbour_of_a_neighbour_needs_as_much_as_any_sentence() -> None:
    assert texts([make_read(PLAN, [0.9, 0.1, 0.09, 0.08])]) == [
        "분관을 세 곳에 연다.",
        "예산은 350억 원이다.",
    ]


def test_sentences_that_differ_in_a_number_are_both_quoted() -> None:
    one, other = make_hit(["예산은 1.5% 늘었다."]), make_hit(["예산은 15% 늘었다."], document="e", passage=2)
    assert len(texts([make_read(one, [0.9]), make_read(other, [0.9])])) == 2


def test_the_probability_is_that_of_a_passage_that_is_cited() -> None:
    cited, other = replace(PLAN, score=3.0), replace(NOTICE, score=0.0)
    rest = [make_read(replace(NOTICE, passage_id=n, score=0.0), [0.0], score=-6.0) for n in range(3, 11)]
    read = [make_read(cited, [0.01, 0.9, 0.01, 0.01], score=-2.0), make_read(other, [0.4], score=1.0), *rest]
    evidence = select_evidence(read, CALIBRATION)
    assert {quote.hit.passage_id for quote in evidence.quotes} == {cited.passage_id}
    assert evidence.probability == pytest.approx(CALIBRATION.question_probability(-2.0))


def test_a_citation_has_the_page_of_its_sentence_not_of_its_passage() -> None:
    paged = replace(PLAN, pages=(0, PLAN.sentences[1].start))
    evidence = select_evidence([make_read(paged, [0.01, 0.9, 0.01, 0.01])], CALIBRATION)
    assert [citation.page for citation in cite(evidence)] == [2]
