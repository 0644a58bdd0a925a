import math
from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding.embedder import SentenceTransformerEmbedder
from index.reader.calibration import Calibration, PassageCalibration, sigmoid
from index.reader.encoding import TextEncoder
from index.reader.padding import InputArrays
from index.reader.trained import Floats, TrainedReader
from index.reader.types import ReaderPassage, Reading
from tests.index.reader.samples import make_passage
from tests.index.reader.tiny_model import make_reader

CALIBRATION = Calibration(PassageCalibration(0.5, 2.0, -1.0), (3.0, 0.25), (1.0, 0.0), 0.3, 0.7)
LONG = make_passage(*(f"문장 {i}번은 {'길게 ' * (i % 7)}이어진다." for i in range(60)), title="긴 글")
PASSAGES = [
    make_passage("대구시는 올해 예산을 350억 원으로 정했다.", "지난해보다 늘었다.", title="예산"),
    make_passage("The museum opens at nine.", heading="Visit", start=4000),
    LONG,
    make_passage("내일은 비가 내린다.", "우산을 챙겨야 한다.", "바람도 분다.", start=17),
    make_passage("x"),
]
QUESTION = "올해 예산은 얼마인가?"


@pytest.fixture(scope="module")
def reader(tiny_embedder: SentenceTransformerEmbedder) -> TrainedReader:
    return make_reader(tiny_embedder)


def probabilities(readings: Sequence[Reading]) -> list[list[float]]:
    return [[r.probability, *(s.probability for s in r.sentences)] for r in readings]


def assert_close(one: Sequence[Reading], other: Sequence[Reading]) -> None:
    for a, b in zip(probabilities(one), probabilities(other), strict=True):
        assert a == pytest.approx(b, abs=1e-4)


# Order and batches


def test_there_is_one_score_for_each_sentence_in_order(reader: TrainedReader) -> None:
    for passage, reading in zip(PASSAGES, reader.read(QUESTION, PASSAGES), strict=True):
        assert tuple(s.span for s in reading.sentences) == passage.sentences


def test_readings_are_in_the_order_of_the_passages(reader: TrainedReader) -> None:
    assert_close(reader.read(QUESTION, PASSAGES), reader.read(QUESTION, PASSAGES[::-1])[::-1])


def test_different_passages_have_different_scores(reader: TrainedReader) -> None:
    scores = sorted(r.score for r in reader.read(QUESTION, PASSAGES))
    assert min(np.diff(scores)) > 1e-3


@pytest.mark.parametrize("passage", PASSAGES, ids=range(len(PASSAGES)))
def test_a_passage_alone_has_the_scores_it_has_among_others(
    reader: TrainedReader, passage: ReaderPassage
) -> None:
    among = reader.read(QUESTION, [*PASSAGES, passage])[-1]
    assert_close(reader.read(QUESTION, [passage]), [among])


def test_a_passage_has_the_answers_alone_that_it_has_among_others(reader: TrainedReader) -> None:
    alone = [reader.read(QUESTION, [passage])[0].answers for passage in PASSAGES]
    among = [reading.answers for reading in reader.read(QUESTION, PASSAGES)]
    assert [{a.span for a in one} for one in alone] == [{a.span for a in other} for other in among]


def test_a_question_has_the_scores_alone_that_it_has_among_others(reader: TrainedReader) -> None:
    questions = ["예산은?", "When does it open, and what does it cost to get in?", "왜"]
    together = reader.read_pairs([(q, p) for p in PASSAGES for q in questions])
    for number, question in enumerate(questions):
        assert_close(reader.read(question, PASSAGES), together[number :: len(questions)])


def test_the_question_decides_the_scores(reader: TrainedReader) -> None:
    one, other = (reader.read(q, PASSAGES[:1])[0].score for q in ("예산은?", "When does it open?"))
    assert abs(one - other) > 1e-4


def test_the_title_is_read_but_has_no_score(reader: TrainedReader) -> None:
    without, with_title = reader.read(
        QUESTION, [make_passage("늘었다."), make_passage("늘었다.", title="예산")]
    )
    assert abs(without.score - with_title.score) > 1e-3
    assert len(with_title.sentences) == 1


def test_raw_scores_are_those_behind_the_readings(reader: TrainedReader) -> None:
    readings = reader.read(QUESTION, PASSAGES)
    for raw, reading in zip(reader.raw_scores(QUESTION, PASSAGES), readings, strict=True):
        assert [sigmoid(logit) for logit in raw.sentences] == pytest.approx(
            [s.probability for s in reading.sentences], abs=1e-4
        )
        assert (max(raw.sentences) + raw.passage) / 2 == pytest.approx(reading.score, abs=1e-4)


# Answers


def test_answers_lie_inside_their_sentence_and_their_document(reader: TrainedReader) -> None:
    for passage, reading in zip(PASSAGES, reader.read(QUESTION, PASSAGES), strict=True):
        for answer in reading.answers:
            sentence = passage.sentences[answer.sentence]
            assert sentence.start <= answer.span.start < answer.span.end <= sentence.end
            assert passage.start <= answer.span.start
            assert answer.span.end <= passage.start + len(passage.text)


def test_every_sentence_of_letters_has_one_answer_with_its_probability(reader: TrainedReader) -> None:
    for reading in reader.read(QUESTION, PASSAGES):
        assert sorted(a.sentence for a in reading.answers) == list(range(len(reading.sentences)))
        for answer in reading.answers:
            assert answer.probability == reading.sentences[answer.sentence].probability


def test_answers_are_likeliest_first(reader: TrainedReader) -> None:
    found = [a.probability for a in reader.read(QUESTION, [LONG])[0].answers]
    assert found == sorted(found, reverse=True)


def test_an_answer_is_at_most_48_tokens_long(reader: TrainedReader) -> None:
    (reading,) = reader.read(QUESTION, [make_passage("가" * 250)])
    assert [len(a.span) <= 48 for a in reading.answers] == [True]


# Bad input


def assert_sound(reading: Reading, passage: ReaderPassage) -> None:
    assert tuple(s.span for s in reading.sentences) == passage.sentences
    assert math.isfinite(reading.score)
    assert all(0 <= p <= 1 for p in chain.from_iterable(probabilities([reading])))
    for answer in reading.answers:
        sentence = passage.sentences[answer.sentence]
        assert sentence.start <= answer.span.start < answer.span.end <= sentence.end


TEXTS = {
    "one word": "예산",
    "one letter": "a",
    "digits": "0123456789",
    "mixed scripts": "AI 예산이 350억 won으로 増加했다 🙂.",
    "third language": "Бюджет вырос до 350 миллионов.",
    "no spaces": "가" * 2000,
    "no sentence end": "인공지능 전환 사업의 예산 " * 1400,  # 20,000 characters
    "surrogates": "예\ud800산\udfff은",
    "only surrogates": "\ud800",
    "only signs": "----- ....",
    "spaces": "   ",
    "zero width": "\u200b\u200d",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_sentence_is_read(reader: TrainedReader, text: str) -> None:
    passage = make_passage("앞 문장이다.", text, start=5)
    (reading,) = reader.read(QUESTION, [passage])
    assert_sound(reading, passage)


@pytest.mark.parametrize("text", ["", "   ", *TEXTS.values(), "왜 예산이 늘었나? " * 400])
def test_any_question_is_asked(reader: TrainedReader, text: str) -> None:
    for passage, reading in zip(PASSAGES, reader.read(text, PASSAGES), strict=True):
        assert_sound(reading, passage)


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=6), st.text(max_size=40))
@settings(deadline=None, max_examples=60)
def test_any_text_is_read(reader: TrainedReader, sentences: list[str], question: str) -> None:
    passage = make_passage(*sentences, start=3)
    (reading,) = reader.read(question, [passage])
    assert_sound(reading, passage)


def test_no_passages_have_no_readings(reader: TrainedReader) -> None:
    assert reader.read(QUESTION, []) == []


def test_a_passage_without_sentences_answers_nothing(reader: TrainedReader) -> None:
    empty = ReaderPassage("제목", "", "내용", 0, ())
    among = reader.read(QUESTION, [PASSAGES[0], empty, PASSAGES[1]])
    assert (among[1].sentences, among[1].answers) == ((), ())
    assert among[1].probability < 1e-6
    assert_close(reader.read(QUESTION, PASSAGES[:2]), [among[0], among[2]])


def test_a_sentence_without_a_token_is_not_needed(reader: TrainedReader) -> None:
    (reading,) = reader.read(QUESTION, [make_passage("예산이 늘었다.", " ")])
    assert reading.sentences[1].probability < 1e-6
    assert [a.sentence for a in reading.answers] == [0]


class RecordingEngine:
    """Finds nothing and remembers the tokens of all passages."""

    name = "recording"

    def __init__(self) -> None:
        self.tokens: set[int] = set()

    def run(self, inputs: InputArrays) -> tuple[Floats, ...]:
        self.tokens |= set(map(int, inputs.passages.ravel()))
        n, length = len(inputs.pairs), inputs.passages.shape[1]
        sentences = np.zeros((n, int(inputs.sentence_ids.max()) + 1), np.float32)
        tokens, zeros = np.zeros((n, length), np.float32), np.zeros(n, np.float32)
        return sentences, tokens, tokens, zeros, zeros


def test_the_end_of_a_very_long_sentence_is_read(tiny_embedder: SentenceTransformerEmbedder) -> None:
    encoder = TextEncoder(tiny_embedder.tokenizer)
    engine = RecordingEngine()
    reader = TrainedReader(engine, encoder, name="recording")
    reader.read(QUESTION, [make_passage("가 나다 " * 4000 + "끝!")])
    (window,) = encoder.encode_passage("", ["끝!"])
    assert {int(token) for piece in window.pieces for token in piece.token_ids} <= engine.tokens


# Calibration


def test_a_reader_without_a_calibration_says_so(reader: TrainedReader) -> None:
    assert not reader.calibrated


def test_a_reader_with_a_calibration_says_so(tiny_embedder: SentenceTransformerEmbedder) -> None:
    assert make_reader(tiny_embedder, calibration=CALIBRATION).calibrated


def test_probabilities_are_the_calibrated_log_odds(tiny_embedder: SentenceTransformerEmbedder) -> None:
    reader = make_reader(tiny_embedder, calibration=CALIBRATION)
    (raw,), (reading,) = reader.raw_scores(QUESTION, PASSAGES[:1]), reader.read(QUESTION, PASSAGES[:1])
    assert reading.score == pytest.approx(0.5 * max(raw.sentences) + 2 * raw.passage - 1, abs=1e-5)
    assert reading.probability == pytest.approx(sigmoid(reading.score))
    for sentence, logit in zip(reading.sentences, raw.sentences, strict=True):
        assert sentence.probability == pytest.approx(sigmoid(3 * logit + 0.25), abs=1e-5)
