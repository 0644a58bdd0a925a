from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from eval.reader.baselines import CosineRanker, Floats, SumRanker, WordRanker
from index.reader.types import ReaderPassage
from index.search.keyword_index import MorphemeAnalyzer
from tests.eval.reader.samples import make_passage
from tests.fakes import HashEmbedder

PASSAGES = [
    make_passage("대구시는 올해 예산을 정했다.", "내일은 비가 내린다."),
    make_passage("The museum opens at nine.", "예산은 모두 350억 원이다.", start=50),
]


@pytest.fixture(scope="module")
def analyzer() -> MorphemeAnalyzer:
    return MorphemeAnalyzer()


def order(scores: Floats) -> list[int]:
    return [int(i) for i in np.argsort(-scores, kind="stable")]


@dataclass(slots=True)
class Fixed:
    """Gives sentences these scores."""

    scores: Sequence[float]

    def rank(self, question: str, passages: Sequence[ReaderPassage]) -> Floats:
        return np.array(self.scores, dtype=np.float64)


# Cosine


def test_cosine_ranks_the_sentence_with_the_questions_words_first() -> None:
    ranker = CosineRanker(HashEmbedder())
    assert order(ranker.rank("When the museum opens", PASSAGES))[0] == 2
    assert order(ranker.rank("내일 비가 내리나?", PASSAGES))[0] == 1


def test_cosine_of_a_sentence_with_itself_is_1() -> None:
    scores = CosineRanker(HashEmbedder()).rank("내일은 비가 내린다.", PASSAGES)
    assert scores[1] == pytest.approx(1, abs=1e-5)


def test_sentences_are_scored_in_the_order_of_the_document() -> None:
    scores = CosineRanker(HashEmbedder(synonyms={"돈": "예산"})).rank("돈", PASSAGES)
    embedder = HashEmbedder()
    question = embedder.embed_question("예산")
    texts = [p.sentence_text(i) for p in PASSAGES for i in range(len(p.sentences))]
    assert scores == pytest.approx([float(embedder.embed_question(t) @ question) for t in texts], abs=1e-5)


def test_a_passage_is_embedded_once_for_all_its_questions() -> None:
    embedder = HashEmbedder()
    ranker = CosineRanker(embedder)
    for question in ("예산은?", "비가 오나?", "When?"):
        ranker.rank(question, PASSAGES)
    assert [p.text for p in embedder.embedded] == [p.text for p in PASSAGES]


def test_a_passage_is_never_given_the_vectors_of_one_that_is_gone() -> None:
    ranker = CosineRanker(HashEmbedder())
    for word in ("하나", "둘둘", "셋셋", "넷넷", "다섯", "여섯"):
        # Each passage is gone before the next is made, which often takes its place in memory.
        (score,) = ranker.rank(word, [make_passage(word)])
        assert score == pytest.approx(1, abs=1e-5)


# Words


def test_words_rank_the_sentence_with_the_questions_words_first(analyzer: MorphemeAnalyzer) -> None:
    assert order(WordRanker(analyzer).rank("내일 비가 내리나?", PASSAGES))[0] == 1


def test_words_that_no_sentence_has_score_0(analyzer: MorphemeAnalyzer) -> None:
    assert WordRanker(analyzer).rank("zebra", PASSAGES).tolist() == [0, 0, 0, 0]


def test_a_word_scores_as_bm25_has_it(analyzer: MorphemeAnalyzer) -> None:
    # One word in one of two sentences, each of one word, of average length: log(1 + 1.5 / 1.5) * 2.2 / 2.2.
    passages = [make_passage("zebra", "tiger")]
    assert WordRanker(analyzer).rank("zebra", passages).tolist() == [pytest.approx(np.log(2)), 0]


def test_a_rarer_word_scores_higher(analyzer: MorphemeAnalyzer) -> None:
    passages = [make_passage("zebra", "tiger", "tiger")]
    scores = WordRanker(analyzer).rank("zebra tiger", passages)
    assert scores[0] > scores[1] == scores[2]


def test_a_longer_sentence_scores_lower(analyzer: MorphemeAnalyzer) -> None:
    passages = [make_passage("zebra", "zebra lion tiger elephant")]
    scores = WordRanker(analyzer).rank("zebra", passages)
    assert scores[0] > scores[1] > 0


# Their sum


def test_the_sum_is_of_standard_scores() -> None:
    # -1 and 1 of the first, 1 and -1 of the second, however large they are.
    assert SumRanker(Fixed([1, 3]), Fixed([70, 10])).rank("?", PASSAGES).tolist() == [0, 0]


def test_the_sum_ranks_what_both_find_first() -> None:
    assert order(SumRanker(Fixed([3, 2, 0]), Fixed([0, 2, 3])).rank("?", PASSAGES)) == [1, 0, 2]


def test_a_ranker_without_any_opinion_leaves_the_other_to_decide() -> None:
    assert order(SumRanker(Fixed([5, 5, 5]), Fixed([1, 3, 2])).rank("?", PASSAGES)) == [1, 2, 0]
