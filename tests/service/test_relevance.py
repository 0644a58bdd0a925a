"""Whether quotes are about what was asked, over the small store of two documents."""

from collections.abc import Callable, Iterator

import pytest

from index.search import Searcher
from service.relevance import Relevance, _editions, _Topic, _years
from service.types import Sentence
from tests.service.conftest import World


@pytest.fixture
def searcher(world: World) -> Iterator[Searcher]:
    with world.open() as inyong:
        yield inyong._searcher


@pytest.fixture
def share(searcher: Searcher) -> Callable[[str, str], float]:
    """Share of a question's words that stand around the sentence that holds the given words."""
    hits = searcher.search("푸른숲 도서관 예산과 두레 축제 참가비", 10)
    sentences = [Sentence(hit, s.span, s.text, 1.0) for hit in hits for s in hit.sentences]

    def measure(question: str, words: str) -> float:
        quoted = next(sentence for sentence in sentences if words in sentence.text)
        return Relevance(question, searcher).share_around([quoted])

    return measure


Share = Callable[[str, str], float]


def test_quote_among_all_words_of_the_question_is_wholly_relevant(share: Share) -> None:
    assert share("도서관 예산은 얼마인가요?", "350억") == 1.0


def test_quote_among_none_of_the_words_is_irrelevant(share: Share) -> None:
    assert share("우주선 발사장은 어디인가요?", "350억") == 0.0


def test_share_is_weighted_by_rarity(share: Share, searcher: Searcher) -> None:
    question = "축제 우주선"
    weights = {term.alternatives[0][0]: weight for term, weight in searcher.term_weights(question).items()}
    assert weights["우주선"] > weights["축제"] > 0
    expected = weights["축제"] / (weights["축제"] + weights["우주선"])
    assert share(question, "강변에서") == pytest.approx(expected)


def test_title_of_the_document_counts_as_around(share: Share) -> None:
    # The sentence about the fee does not name the festival; the document's title does.
    assert share("두레 축제의 참가비는 얼마인가요?", "참가비는") == 1.0


@pytest.mark.parametrize("question", ["예산은 얼마인가요?", "예산은 몇 개인가요?", "예산은 언제 어디에?"])
def test_words_of_asking_need_not_stand_there(share: Share, question: str) -> None:
    assert share(question, "350억") == 1.0


def test_question_without_any_word_of_its_own_is_met_by_anything(share: Share) -> None:
    assert share("언제 어디에서?", "350억") == 1.0


def test_quote_about_another_year_is_irrelevant(share: Share) -> None:
    assert share("2025년 축제는 강변에서 열렸나요?", "강변에서") == 0.0
    assert share("2026년 축제는 강변에서 열리나요?", "강변에서") == 1.0


def test_year_is_no_objection_where_the_quote_has_none(share: Share) -> None:
    assert share("2025년 도서관 예산은 얼마인가요?", "350억") > 0.0


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2019년과 '24년 상반기", {"2019", "2024"}),
        ("('23. 198,303권), ’26년~’27년", {"2023", "2026", "2027"}),
        ("'14곳'이라고 적은 글과 '90s", set()),
    ],
)
def test_years_may_be_written_short(text: str, years: set[str]) -> None:
    assert _years(text) == years


@pytest.mark.parametrize(
    ("question", "text", "is_another"),
    [
        ("혁신펀드 3호는 언제 만들어지나요?", "혁신펀드 2호는 올해 만든다.", True),
        ("제31차 회의는 어디에서 열렸나요?", "제 30차 회의가 열렸다.", True),
        ("4분기 매출은?", "3분기와 4분기 매출", False),
        ("혁신펀드 3호부터 바뀌나요?", "혁신펀드 제3호는 바뀐다. 2호는 그대로다.", False),
        ("2호선은 몇 시까지 다니나요?", "역 앞 3호텔", False),
        ("3기 신도시는?", "5기관이 맡는다. 신도시", False),
        ("2호 펀드", "펀드", False),
        ("8층 병동", "7층 병동의 낙상", True),
        ("How many complaints in the second quarter?", "민원은 3분기에 58건이다.", True),
        ("How many complaints in the third quarter?", "민원은 3분기에 58건이다.", False),
        ("Sales in Q2", "3분기 매출", True),
        ("Who sits on the 8th floor?", "7층에는 자료실이 있다.", True),
        ("Phase 2 of the works", "Stage 1 took a year.", True),
        ("the second reader", "3분기", False),  # a reader is no quarter
    ],
)
def test_quote_about_another_of_a_series_is_irrelevant(question: str, text: str, *, is_another: bool) -> None:
    topic = _Topic({}, (), {}, frozenset(), _editions(question))
    assert topic.share_in(text, set()) == (0.0 if is_another else 1.0)


def test_quote_that_misses_a_name_of_the_question_is_irrelevant(share: Share, searcher: Searcher) -> None:
    question = "부산 도서관의 예산은 얼마인가요?"
    assert searcher.analyzer.names(question) == ["부산"]
    assert share(question, "350억") == 0.0


def test_english_word_is_met_by_its_korean_equivalent(share: Share) -> None:
    assert share("budget", "350억") == 1.0
    assert share("budget", "강변에서") == 0.0


def test_english_word_without_an_equivalent_is_left_out_of_account(share: Share) -> None:
    assert share("budget zyxwvut", "350억") == 1.0


def test_name_in_latin_letters_is_met_by_the_hangul_that_spells_it(searcher: Searcher) -> None:
    relevance = Relevance("What was the festival fee of Enercamp?", searcher)
    assert relevance.share_in(relevance.question, "에너캠프는 예산을 받았다.") > 0.0
    assert relevance.share_in(relevance.question, "나래전자는 예산을 받았다.") == 0.0


def test_words_near_a_quote_are_its_own_those_before_it_and_the_titles(searcher: Searcher) -> None:
    (hit,) = searcher.search("푸른숲 도서관 예산", 1)
    _, second, last = (Sentence(hit, s.span, s.text, 1.0) for s in hit.sentences)
    assert Relevance(hit.title, searcher).share_near([last]) == 1.0
    assert Relevance(second.text, searcher).share_near([last]) == 1.0
    assert Relevance(last.text, searcher).share_near([second]) < 1.0


def test_nothing_quoted_is_irrelevant(searcher: Searcher) -> None:
    assert Relevance("도서관 예산", searcher).share_around([]) == 0.0


def test_several_quotes_are_looked_at_together(searcher: Searcher) -> None:
    hits = searcher.search("푸른숲 도서관 예산과 두레 축제 참가비", 10)
    sentences = [Sentence(hit, s.span, s.text, 1.0) for hit in hits for s in hit.sentences]
    relevance = Relevance("도서관 축제", searcher)
    library = [s for s in sentences if s.hit.source == "library.md"]
    assert 0.0 < relevance.share_around(library) < 1.0
    assert relevance.share_around(sentences) == 1.0


def test_words_of_the_question_are_counted_in_a_text(searcher: Searcher) -> None:
    relevance = Relevance("푸른숲 도서관의 예산은 얼마인가요?", searcher)
    assert relevance.n_words_in("도서관 예산이 늘었다.") > relevance.n_words_in("도서관이 문을 열었다.") > 0
    assert relevance.n_words_in("축제가 열렸다.") == 0


def test_nouns_are_asked_about_in_either_language(searcher: Searcher) -> None:
    relevance = Relevance("In which region was the library opened?", searcher)
    assert relevance.asks_about("도서관")
    assert relevance.asks_about("Library")
    assert not relevance.asks_about("강당")


def test_share_of_a_part_of_the_question_in_a_text(searcher: Searcher) -> None:
    relevance = Relevance("도서관의 예산은 얼마이고 참가비는 얼마인가요?", searcher)
    assert relevance.share_in("참가비는 얼마인가요?", "참가비는 3만 원이다.") == 1.0
    assert relevance.share_in("참가비는 얼마인가요?", "예산은 350억 원이다.") == 0.0


@pytest.mark.parametrize(
    ("question", "text", "is_met"),
    [
        ("오세린은 누구인가요?", "신청은 오세린 대리가 받는다.", 1.0),
        ("진한별 씨는 누구인가요?", "연구는 진한별이 했다.", 1.0),
        ("오세린은 누구인가요?", "신청은 오세영 대리가 받는다.", 0.0),
    ],
)
def test_name_that_the_analyser_cuts_is_met_where_it_stands(
    searcher: Searcher, question: str, text: str, is_met: float
) -> None:
    assert min(map(len, searcher.analyzer.words(question))) == 1
    assert Relevance(question, searcher).share_in(question, text) == is_met
