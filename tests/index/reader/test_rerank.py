from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from index.reader.calibration import UNCALIBRATED, Calibration
from index.reader.rerank import CANDIDATES, ReadHit, read_hits, rerank, search_and_read
from index.reader.types import RawScores, ReaderPassage, Reading
from index.search.searcher import Searcher, SearchScope
from index.types import Hit, Span


def make_hit(ident: int, score: float = 0.0, text: str = "본문", title: str = "제목") -> Hit:
    span = Span(10, 10 + len(text))
    sentences = (span,)
    return Hit(ident, "d", "c", title, "d.txt", "절", "", None, span, text, score, 0.5, 1.0, sentences)


def make_read(*scores: tuple[float, float]) -> list[ReadHit]:
    """Hits numbered from 0 with these scores of the reader and of the search."""
    return [
        ReadHit(make_hit(ident, search), Reading(reader, 0.5, (), ()))
        for ident, (reader, search) in enumerate(scores)
    ]


def order(read: Sequence[ReadHit]) -> list[int]:
    return [item.hit.passage_id for item in read]


@dataclass(slots=True)
class LengthReader:
    """Finds a passage the likelier the longer it is."""

    name: str = "length"
    calibrated: bool = False
    calibration: Calibration = UNCALIBRATED
    asked: list[ReaderPassage] = field(default_factory=list)

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        self.asked += passages
        return [Reading(float(len(p.text)), 0.5, (), ()) for p in passages]

    def raw_scores(self, question: str, passages: Sequence[ReaderPassage]) -> list[RawScores]:
        return [RawScores((), float(len(p.text))) for p in passages]


@dataclass(slots=True)
class ListedHits:
    """A search that finds the first so many of its hits."""

    hits: Sequence[Hit]

    def search(self, question: str, k: int, scope: SearchScope | None = None) -> list[Hit]:
        return list(self.hits[:k])


def search(hits: Sequence[Hit], k: int, reader: LengthReader | None = None) -> list[ReadHit]:
    return search_and_read(cast(Searcher, ListedHits(hits)), reader or LengthReader(), "?", k)


READ = make_read((1.0, 0.9), (3.0, 0.1), (2.0, 0.5))


# Order


def test_where_the_search_gives_no_log_odds_the_reader_decides() -> None:
    assert order(rerank(READ, search_log_odds=0)) == [1, 2, 0]


def test_where_the_search_gives_many_log_odds_it_decides() -> None:
    assert order(rerank(READ, search_log_odds=100)) == [0, 2, 1]


def test_a_score_is_the_reader_s_log_odds_and_a_share_of_the_standardised_search_score() -> None:
    # Search 4 and 2 are 1 and -1 standard deviations from their mean.
    found = rerank(make_read((1.0, 4.0), (3.0, 2.0)), search_log_odds=0.25)
    assert [item.hit.score for item in found] == pytest.approx([3 - 0.25, 1 + 0.25])


def test_search_scores_that_hardly_differ_decide_nothing() -> None:
    assert order(rerank(make_read((1.0, 0.5001), (1.5, 0.5)))) == [1, 0]


def test_ties_keep_the_order_of_the_search() -> None:
    assert order(rerank(make_read((1.0, 0.5), (2.0, 0.5), (1.0, 0.5), (2.0, 0.5)))) == [1, 3, 0, 2]


def test_equal_scores_keep_the_order_of_the_search() -> None:
    assert order(rerank(make_read((2.0, 0.5), (2.0, 0.5), (2.0, 0.5)))) == [0, 1, 2]


def test_one_hit_has_the_reader_s_score() -> None:
    assert [item.hit.score for item in rerank(make_read((4.0, 0.7)))] == [4.0]


def test_nothing_stays_nothing() -> None:
    assert rerank([]) == []


def test_what_was_given_is_not_changed() -> None:
    given = make_read((1.0, 0.9), (3.0, 0.1))
    rerank(given)
    assert given == make_read((1.0, 0.9), (3.0, 0.1))


def test_readings_stay_with_their_hits() -> None:
    before = {item.hit.passage_id: item.reading for item in READ}
    assert {item.hit.passage_id: item.reading for item in rerank(READ)} == before


# Reading hits


def test_hits_are_read_in_the_order_given() -> None:
    hits = [make_hit(0, text="abc"), make_hit(1, text="abcdef"), make_hit(2, text="a")]
    read = read_hits(LengthReader(), "?", hits)
    assert [(item.hit, item.reading.score) for item in read] == list(zip(hits, [3.0, 6.0, 1.0], strict=True))


def test_a_passage_is_read_with_its_title_heading_and_sentences() -> None:
    reader = LengthReader()
    read_hits(reader, "?", [make_hit(0, text="본문이다.")])
    assert reader.asked == [ReaderPassage("제목", "절", "본문이다.", 10, (Span(10, 15),))]


def test_a_title_that_is_the_files_name_is_not_read() -> None:
    assert ReaderPassage.from_hit(make_hit(0, title="d.txt")).title == ""


# Search and reading together


def test_the_best_of_all_candidates_is_first() -> None:
    hits = [make_hit(i, score=1.0, text="x" * (i + 1)) for i in range(CANDIDATES)]
    assert order(search(hits, 2)) == [CANDIDATES - 1, CANDIDATES - 2]


def test_more_than_the_usual_candidates_are_read_where_more_are_wanted() -> None:
    hits = [make_hit(i) for i in range(80)]
    assert len(search(hits, 40)) == 40


def test_no_more_than_100_passages_are_read() -> None:
    reader = LengthReader()
    search([make_hit(i) for i in range(300)], 250, reader)
    assert len(reader.asked) == 100


def test_a_search_that_finds_nothing_reads_nothing() -> None:
    assert search([], 5) == []
