import pytest

from eval.metrics.citation import (
    CitedStatement,
    citation_precision,
    citation_recall,
    cited_statements,
    gold_precision,
    gold_recall,
    is_supported,
    n_uncited,
    n_unsupported_numbers,
    verbatim_rate,
)
from eval.metrics.matching import GoldPlace
from eval.types import QuotedSpan
from index.types import Span


def words(text: str) -> list[str]:
    return text.lower().replace(".", " ").replace(",", " ").split()


def citation(marker: int, start: int, quote: str, document: str = "a") -> QuotedSpan:
    return QuotedSpan(marker, document, start, start + len(quote), quote)


def test_each_sentence_keeps_the_quotes_that_its_own_markers_name() -> None:
    first, second = citation(1, 0, "하나."), citation(2, 3, "둘.")
    answer = "예산은 350억 원이다 [1][2]. 장소는 대구이다 [2]. 끝."
    assert cited_statements(answer, [first, second]) == [
        CitedStatement("예산은 350억 원이다.", ("하나.", "둘.")),
        CitedStatement("장소는 대구이다.", ("둘.",)),
        CitedStatement("끝.", ()),
    ]


def test_a_marker_without_a_citation_cites_nothing() -> None:
    assert cited_statements("예산이다 [7].", [citation(1, 0, "하나.")]) == [CitedStatement("예산이다.", ())]


def test_a_quotation_with_full_stops_is_one_statement() -> None:
    first = citation(1, 0, "세무서장 2. 영등포세무서장")
    answer = "문서에는 “세무서장 2. 영등포세무서장”라고 적혀 있습니다 [1]. 끝."
    assert [len(one.quotes) for one in cited_statements(answer, [first])] == [1, 0]


def test_a_quotation_that_is_never_closed_ends_with_its_sentence() -> None:
    assert len(cited_statements("그는 “좋다고 말했다. 그리고 갔다.", [])) == 2


def test_verbatim_is_the_share_of_quotes_that_are_the_stored_text() -> None:
    stored = {"a": "가나다라마"}
    true, moved, unknown = citation(1, 1, "나다"), citation(2, 0, "나다"), citation(3, 0, "가", "b")
    assert verbatim_rate([true, moved, unknown], stored) == pytest.approx(1 / 3)


def test_an_empty_quote_of_an_unknown_document_is_not_verbatim() -> None:
    assert verbatim_rate([citation(1, 0, "", "b")], {}) == 0.0


GROUPS = [[GoldPlace("a", Span(0, 10))], [GoldPlace("a", Span(50, 60)), GoldPlace("b", Span(0, 10))]]


def test_gold_precision_counts_citations_and_gold_recall_groups() -> None:
    citations = [citation(1, 0, "x" * 10), citation(2, 0, "x" * 10, "b"), citation(3, 20, "x" * 10)]
    assert gold_precision(citations, GROUPS) == pytest.approx(2 / 3)
    assert gold_recall(citations[:1], GROUPS) == 0.5


def test_without_citations_nothing_of_the_gold_is_cited() -> None:
    assert (gold_precision([], GROUPS), gold_recall([], GROUPS)) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("statement", "quotes", "supported"),
    [
        ("예산은 350억 원이다.", ["총 예산은 350억 원이다."], True),
        ("예산은 351억 원이다.", ["총 예산은 350억 원이다."], False),  # another number
        ("예산은 350억 원이다.", ["올해 받을 돈은 350억 원이다."], True),  # 2 of 3 words
        ("대구 공동관은 성황을 이루었다.", ["공동관은 여섯 곳이 나왔다."], False),  # 1 of 4 words
        ("6 firms joined.", ["6개 회사가 참여했다."], True),  # the number crosses languages
        ("Daegu was chosen.", ["대구가 뽑혔다."], True),  # so does a name
        ("The city of 대구 was chosen.", ["대구가 뽑혔다."], True),
        ("The city of Busan was chosen.", ["대구가 뽑혔다."], False),
        ("It was chosen.", ["대구가 뽑혔다."], False),  # nothing to hold on to
        ("It was chosen first.", ["대구가 뽑혔다."], False),  # "first" needs no backing, and gives none
        ("대구가 뽑혔다.", ["Daegu was chosen by the ministry."], True),
        ("예산은 350억 원이다.", [], False),
    ],
)
def test_support_needs_every_number_and_half_of_the_words(
    statement: str, quotes: list[str], supported: bool
) -> None:
    assert is_supported(statement, quotes, words) is supported


def test_a_sentence_that_says_nothing_needs_no_support_but_a_quote() -> None:
    assert is_supported("그렇습니다.", ["예산은 350억 원이다."], lambda text: [])
    assert not is_supported("그렇습니다.", [], lambda text: [])


def test_numbers_and_words_may_be_spread_over_several_quotes() -> None:
    assert is_supported(
        "예산은 350억 원, 기간은 3년이다.", ["예산은 350억 원이다.", "기간은 3년이다."], words
    )


def test_a_quote_that_only_repeats_the_question_supports_no_answer() -> None:
    statement, question = "그 말을 한 사람은 정다운 대표이다.", "그 말을 한 사람은 누구인가요?"
    assert not is_supported(statement, ["그 말을 한 사람은 무대에 섰다."], words, question)
    assert is_supported(statement, ["그 말을 한 사람은 무대에 섰다.", "정다운 대표이다."], words, question)


def test_a_name_is_found_inside_another_word() -> None:
    assert is_supported("정다운 강연", ["정다운대표의 강연회"], words)


def test_an_english_sentence_with_korean_names_is_english() -> None:
    statement = "황병우 회장 gave the invited lecture on '경제 전망' at the forum of star companies."
    assert is_supported(statement, ["강연은 황병우 회장이 2026년 경제를 주제로 했다."], words)


BUDGET, YEARS, OTHER = "예산은 350억 원이다.", "기간은 3년이다.", "날씨가 맑다."
TWO_FACTS = "예산은 350억 원이다, 기간은 3년이다."


def test_recall_is_the_share_of_supported_sentences() -> None:
    statements = [
        CitedStatement(BUDGET, (BUDGET,)),
        CitedStatement(YEARS, (OTHER,)),
        CitedStatement(YEARS, ()),
    ]
    assert citation_recall(statements, words) == pytest.approx(1 / 3)


def test_two_quotes_that_only_together_support_a_sentence_are_both_needed() -> None:
    assert citation_precision([CitedStatement(TWO_FACTS, (BUDGET, YEARS))], words) == 1.0


def test_a_quote_that_adds_nothing_is_irrelevant() -> None:
    assert citation_precision([CitedStatement(BUDGET, (BUDGET, OTHER))], words) == 0.5


def test_two_quotes_of_which_each_is_enough_are_both_relevant() -> None:
    assert citation_precision([CitedStatement(BUDGET, (BUDGET, "올해 예산은 350억 원이다."))], words) == 1.0


def test_no_citation_of_an_unsupported_sentence_counts() -> None:
    assert citation_precision([CitedStatement(TWO_FACTS, (BUDGET, OTHER))], words) == 0.0


def test_precision_counts_citations_over_all_sentences() -> None:
    statements = [CitedStatement(BUDGET, (BUDGET, OTHER)), CitedStatement(YEARS, (YEARS,))]
    assert citation_precision(statements, words) == pytest.approx(2 / 3)


def test_an_answer_without_citations_has_neither_precision_nor_recall() -> None:
    statements = [CitedStatement(BUDGET, ())]
    assert (citation_precision(statements, words), citation_recall(statements, words)) == (0.0, 0.0)


def test_uncited_sentences_and_unsupported_numbers_are_counted() -> None:
    statements = [CitedStatement("350억 원, 12곳이다.", (BUDGET,)), CitedStatement(YEARS, ())]
    assert n_uncited(statements) == 1
    assert n_unsupported_numbers(statements) == 2  # 12곳, and 3년 that nothing is cited for
