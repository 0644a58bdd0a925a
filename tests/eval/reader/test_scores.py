import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval.reader.examples import ExampleDocument
from eval.reader.scores import (
    QuestionScore,
    area_under_curve,
    character_f1,
    document_passages,
    mean,
    refused_at_loss,
    score_documents,
    score_questions,
    summarise,
)
from index.chunking.passages import PassageSize, text_weight
from index.embedding.embedder import SentenceTransformerEmbedder
from index.reader.encoding import TextEncoder
from index.reader.padding import InputArrays
from index.reader.trained import Floats, TrainedReader
from tests.eval.reader.samples import find_part, make_asked_document, make_document, make_question

SCORES = st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=12)
SENTENCES = ("alpha one", "beta two", "gamma three 33")


class SharedTokens:
    """An engine: the log-odds of a sentence is how many of its tokens the question holds too, less ten.

    The answer begins and ends at the first token of a sentence; the passage's log-odds are 0.
    """

    name = "shared tokens"

    def run(self, inputs: InputArrays) -> tuple[Floats, ...]:
        n = int(inputs.sentence_ids.max()) + 1
        sentences = np.full((len(inputs.pairs), n), -10, np.float32)
        for row, (question, passage) in enumerate(inputs.pairs):
            shared = np.isin(inputs.passages[passage], inputs.questions[question])
            for number in range(n):
                sentences[row, number] += shared[inputs.sentence_ids[passage] == number].sum()
        tokens = np.zeros((len(inputs.pairs), inputs.passages.shape[1]), np.float32)
        zeros = np.zeros(len(inputs.pairs), np.float32)
        return sentences, tokens, tokens, zeros, zeros


@pytest.fixture(scope="module")
def reader(tiny_embedder: SentenceTransformerEmbedder) -> TrainedReader:
    return TrainedReader(SharedTokens(), TextEncoder(tiny_embedder.tokenizer), name="shared tokens")


# Area under the curve


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    # Of 3 and 1 against 2 and 0, only 1 and 2 are in the wrong order.
    assert area_under_curve([3, 1], [2, 0]) == 0.75


def test_auc_counts_a_tie_as_half() -> None:
    assert area_under_curve([1, 2], [1]) == 0.75


def test_auc_of_none_is_not_a_number() -> None:
    assert math.isnan(area_under_curve([], [1.0]))
    assert math.isnan(area_under_curve([1.0], []))


@given(SCORES, SCORES)
@settings(deadline=None)
def test_auc_is_that_of_scikit_learn(positives: list[float], negatives: list[float]) -> None:
    labels = [1] * len(positives) + [0] * len(negatives)
    expected = roc_auc_score(labels, positives + negatives)
    assert area_under_curve(positives, negatives) == pytest.approx(expected)


# Refusals


def test_refused_are_the_negatives_below_what_the_lost_positives_leave() -> None:
    # 5 % of 1 to 20 is one, so the threshold is 2.
    positives = [float(x) for x in range(1, 21)]
    assert refused_at_loss(positives, [0.0, 1.0, 1.5, 2.0, 3.0], 0.05) == 0.6


def test_with_no_positive_to_lose_refused_are_those_below_all() -> None:
    assert refused_at_loss([2.0, 3.0], [1.0, 2.0, 2.5, 0.0], 0.0) == 0.5


def test_refused_of_none_is_not_a_number() -> None:
    assert math.isnan(refused_at_loss([], [1.0], 0.05))
    assert math.isnan(refused_at_loss([1.0], [], 0.05))


def test_the_mean_of_none_is_not_a_number() -> None:
    assert math.isnan(mean([]))


# Character F1


def test_character_f1_counts_shared_characters() -> None:
    # 2025년3월 has seven, 3월 two, and both are shared: 2 * 2 / 9.
    assert character_f1("2025년 3월", "3월") == pytest.approx(4 / 9)


def test_character_f1_counts_a_repeated_character_as_often_as_both_have_it() -> None:
    # 300 and 30 share one 3 and one 0: 2 * 2 / 5.
    assert character_f1("300", "30") == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("one", "other"), [("350억 원", "350억원."), ("ABC", "abc"), ("１２월", "12월"), ("", ".")]
)
def test_character_f1_passes_over_spaces_signs_case_and_width(one: str, other: str) -> None:
    assert character_f1(one, other) == 1.0


def test_character_f1_of_nothing_shared_is_0() -> None:
    assert (character_f1("가나", "다라"), character_f1("", "가")) == (0.0, 0.0)


# Passages of a document


@given(st.lists(st.text("가나 ab.", min_size=1, max_size=300), min_size=1, max_size=30))
@settings(deadline=None)
def test_passages_cover_every_sentence_in_order(sentences: list[str]) -> None:
    passages = document_passages(make_document("d", tuple(sentences)))
    texts = [p.sentence_text(i) for p in passages for i in range(len(p.sentences))]
    assert texts == sentences


@given(st.lists(st.text("가나 ab.", min_size=1, max_size=300), min_size=1, max_size=30))
@settings(deadline=None)
def test_no_passage_of_several_sentences_is_too_long(sentences: list[str]) -> None:
    for passage in document_passages(make_document("d", tuple(sentences)), PassageSize(50, 100)):
        weights = [text_weight(passage.sentence_text(i)) for i in range(len(passage.sentences))]
        assert len(weights) == 1 or sum(weights) <= 100


def test_sentences_stand_where_they_are_in_the_document_a_sentence_a_line() -> None:
    sentences = ("가" * 60, "나" * 60, "다" * 60)
    text = "\n".join(sentences)
    passages = document_passages(make_document("d", sentences), PassageSize(50, 130))
    assert [p.text for p in passages] == ["\n".join(sentences[:2]), sentences[2]]
    assert [text[s.start : s.end] for p in passages for s in p.sentences] == list(sentences)
    assert [p.title for p in passages] == ["안내", "안내"]


# Scores of questions


def ask(text: str, *words: tuple[int, str], n: int = 1) -> ExampleDocument:
    question = make_question(text, *(find_part(SENTENCES, s, w) for s, w in words), language="en")
    return make_document("d", SENTENCES, *[question] * n)


def scored(reader: TrainedReader, document: ExampleDocument) -> QuestionScore:
    (score,) = score_questions(reader, [document])
    return score


def test_a_needed_sentence_ranked_first_has_rank_1(reader: TrainedReader) -> None:
    # "query:" shares e, r and y; the tokens of "gamma three" are all asked for.
    assert scored(reader, ask("gamma three?", (2, "33"))).ranks == (1,)


def test_every_needed_sentence_has_its_rank(reader: TrainedReader) -> None:
    score = scored(reader, ask("gamma three?", (2, "33"), (0, "one")))
    assert score.ranks[1] == 1
    assert score.ranks[0] in (2, 3)


def test_the_span_is_that_of_the_best_sentence(reader: TrainedReader) -> None:
    # The engine answers with the first letter, g: one of five of "gamma", 2 * 1 / 6.
    assert scored(reader, ask("gamma three?", (2, "gamma"))).span_f1 == pytest.approx(1 / 3)


def test_the_span_is_compared_with_the_nearest_answer(reader: TrainedReader) -> None:
    assert scored(reader, ask("gamma three?", (2, "33"), (2, "g"))).span_f1 == 1.0


def test_a_near_miss_has_no_ranks_and_no_span(reader: TrainedReader) -> None:
    score = scored(reader, ask("gamma three?"))
    assert (score.ranks, score.span_f1) == ((), 0.0)


def test_a_question_is_as_answerable_as_its_best_passage(reader: TrainedReader) -> None:
    # All nine letters and signs of "alphaone" and of it alone: -10 + 8, halved beside a passage's 0.
    assert scored(reader, ask("alphaone")).answerable == pytest.approx(-1.0)


def ask_of_last_passage(words: str) -> ExampleDocument:
    sentences = (*("가" * 200 for _ in range(5)), "gamma three")
    question = make_question("gamma three?", find_part(sentences, 5, words), language="en")
    document = make_document("d", sentences, question)
    assert len(document_passages(document)) == 3
    return document


def test_sentences_of_several_passages_are_ranked_together(reader: TrainedReader) -> None:
    assert scored(reader, ask_of_last_passage("three")).ranks == (1,)


def test_the_span_of_the_best_sentence_may_be_in_a_later_passage(reader: TrainedReader) -> None:
    assert scored(reader, ask_of_last_passage("g")).span_f1 == 1.0


def test_questions_are_scored_in_the_order_of_the_documents(reader: TrainedReader) -> None:
    documents = [make_asked_document("a"), make_asked_document("b")]
    found = [score.question for score in score_questions(reader, documents)]
    assert found == [question for document in documents for question in document.questions]


def test_scoring_documents_summarises_their_questions(reader: TrainedReader) -> None:
    document = make_asked_document("a")
    assert score_documents(reader, [document]) == summarise(score_questions(reader, [document]))


# Summary


def score(
    ranks: Sequence[int] = (), answerable: float = 0.0, f1: float = 0.0, language: str = "ko"
) -> QuestionScore:
    parts = [find_part(SENTENCES, i, SENTENCES[i]) for i in range(len(ranks))]
    return QuestionScore(make_question("?", *parts, language=language), tuple(ranks), answerable, 0.5, f1)


def test_top_1_is_by_language_and_over_answerable_questions() -> None:
    found = summarise([score([1]), score([2]), score([1], language="en"), score(language="en")])
    assert (found.n, found.top1_ko, found.top1_en) == (4, 0.5, 1.0)


def test_top_1_takes_any_needed_sentence() -> None:
    assert summarise([score([4, 1])]).top1_ko == 1.0


def test_within_3_takes_all_needed_sentences() -> None:
    assert summarise([score([1, 3]), score([1, 4]), score([2])]).within3 == pytest.approx(2 / 3)


def test_span_f1_is_the_mean_over_answerable_questions() -> None:
    assert summarise([score([1], f1=0.5), score([1], f1=1.0), score()]).span_f1 == 0.75


def test_auc_is_of_answerable_questions_against_near_misses() -> None:
    assert summarise([score([1], 3.0), score([1], 1.0), score((), 2.0), score((), 0.0)]).auc == 0.75


def test_the_selecting_figure_is_the_mean_of_both_languages_and_the_rest() -> None:
    # Top 1 of 1 and 0, all within three, spans half right, AUC 1.
    found = summarise(
        [score([1], 1.0, f1=0.5), score([2], 1.0, f1=0.5, language="en"), score((), 0.0, language="en")]
    )
    assert found.selection == 0.5 + 0.5 + 0.25 + 1.0
