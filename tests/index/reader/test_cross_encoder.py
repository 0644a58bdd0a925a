from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sentence_transformers import CrossEncoder

from index.reader.calibration import Calibration, PassageCalibration, sigmoid
from index.reader.cross_encoder import CrossEncoderReader
from index.reader.types import ReaderPassage
from tests.index.reader.samples import make_passage
from tests.index.reader.tiny_model import save_cross_encoder

QUESTION = "올해 예산은 얼마인가?"
PASSAGES = [
    make_passage("대구시는 올해 예산을 350억 원으로 정했다.", "지난해보다 늘었다.", title="예산"),
    make_passage("The museum opens at nine.", start=40),
    make_passage("내일은 비가 내린다.", "우산을 챙겨야 한다.", "바람도 분다."),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> Path:
    return save_cross_encoder(tmp_path_factory.mktemp("models") / "cross", tiny_folder)


@pytest.fixture(scope="module")
def reader(folder: Path) -> CrossEncoderReader:
    return CrossEncoderReader(folder)


def log_odds(reader: CrossEncoderReader, passages: list[ReaderPassage]) -> list[float]:
    return [x for raw in reader.raw_scores(QUESTION, passages) for x in (raw.passage, *raw.sentences)]


def test_there_is_one_score_for_each_sentence_in_order(reader: CrossEncoderReader) -> None:
    for passage, reading in zip(PASSAGES, reader.read(QUESTION, PASSAGES), strict=True):
        assert tuple(s.span for s in reading.sentences) == passage.sentences


def test_readings_are_in_the_order_of_the_passages(reader: CrossEncoderReader) -> None:
    forward, backward = reader.read(QUESTION, PASSAGES), reader.read(QUESTION, PASSAGES[::-1])
    assert [r.score for r in forward] == pytest.approx([r.score for r in backward[::-1]], abs=1e-4)


def test_different_passages_have_different_scores(reader: CrossEncoderReader) -> None:
    scores = sorted(r.score for r in reader.read(QUESTION, PASSAGES))
    assert min(b - a for a, b in pairwise(scores)) > 1e-3


def test_a_passage_alone_has_the_scores_it_has_among_others(reader: CrossEncoderReader) -> None:
    alone = [x for passage in PASSAGES for x in log_odds(reader, [passage])]
    assert alone == pytest.approx(log_odds(reader, PASSAGES), abs=1e-4)


def test_a_sentence_is_read_behind_the_one_before_it(reader: CrossEncoderReader) -> None:
    (two,) = reader.raw_scores(QUESTION, [make_passage("예산이 늘었다.", "모두 350억 원이다.")])
    (one,) = reader.raw_scores(QUESTION, [make_passage("예산이 늘었다. 모두 350억 원이다.")])
    assert two.sentences[1] == pytest.approx(one.sentences[0], abs=1e-4)


def test_a_passage_is_read_behind_its_title_and_heading(reader: CrossEncoderReader) -> None:
    (headed,) = reader.raw_scores(QUESTION, [make_passage("350억 원이다.", title="예산", heading="합계")])
    (plain,) = reader.raw_scores(QUESTION, [make_passage("예산 합계 350억 원이다.")])
    assert headed.passage == pytest.approx(plain.passage, abs=1e-4)


def test_log_odds_are_those_of_the_model(folder: Path, reader: CrossEncoderReader) -> None:
    from torch import nn

    model: Any = CrossEncoder(str(folder), local_files_only=True)
    (expected,) = model.predict([(QUESTION, "바람도 분다.")], activation_fn=nn.Identity())
    (raw,) = reader.raw_scores(QUESTION, [make_passage("바람도 분다.")])
    assert raw.passage == pytest.approx(float(expected), abs=1e-4)


def test_of_two_classes_the_last_is_relevant(
    tmp_path: Path, folder: Path, tiny_folder: Path, reader: CrossEncoderReader
) -> None:
    from torch import nn

    two = save_cross_encoder(tmp_path / "two", tiny_folder, n_classes=2)
    model: Any = CrossEncoder(str(two), local_files_only=True)
    (against, speaking_for) = model.predict([(QUESTION, "바람도 분다.")], activation_fn=nn.Identity())[0]
    (raw,) = CrossEncoderReader(two).raw_scores(QUESTION, [make_passage("바람도 분다.")])
    assert raw.passage == pytest.approx(float(speaking_for - against), abs=1e-4)


def test_there_are_no_answer_words(reader: CrossEncoderReader) -> None:
    assert [reading.answers for reading in reader.read(QUESTION, PASSAGES)] == [(), (), ()]


def test_no_passages_have_no_readings(reader: CrossEncoderReader) -> None:
    assert reader.read(QUESTION, []) == []


def test_a_passage_without_sentences_answers_nothing(reader: CrossEncoderReader) -> None:
    empty = ReaderPassage("제목", "", "내용", 0, ())
    before, without, after = reader.read(QUESTION, [PASSAGES[0], empty, PASSAGES[1]])
    assert (without.sentences, without.probability < 1e-6) == ((), True)
    expected = [r.score for r in reader.read(QUESTION, PASSAGES[:2])]
    assert [before.score, after.score] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("text", ["x", "0123", "\ud800 예산", "가" * 20_000, "   "])
def test_any_sentence_is_read(reader: CrossEncoderReader, text: str) -> None:
    (reading,) = reader.read(QUESTION, [make_passage(text)])
    assert 0 < reading.probability < 1


@pytest.mark.parametrize("question", ["", "\udfff", "왜 늘었나? " * 500])
def test_any_question_is_asked(reader: CrossEncoderReader, question: str) -> None:
    assert len(reader.read(question, PASSAGES)) == 3


def test_a_reader_without_a_calibration_says_so(reader: CrossEncoderReader) -> None:
    assert not reader.calibrated


def test_probabilities_are_the_calibrated_log_odds(folder: Path) -> None:
    calibration = Calibration(PassageCalibration(0.5, 2.0, -1.0), (3.0, 0.25), (1.0, 0.0), 0.3, 0.7)
    reader = CrossEncoderReader(folder, calibration=calibration)
    (raw,), (reading,) = reader.raw_scores(QUESTION, PASSAGES[:1]), reader.read(QUESTION, PASSAGES[:1])
    assert reader.calibrated
    assert reading.score == pytest.approx(0.5 * max(raw.sentences) + 2 * raw.passage - 1, abs=1e-4)
    assert reading.sentences[0].probability == pytest.approx(sigmoid(3 * raw.sentences[0] + 0.25), abs=1e-4)


def test_a_folder_without_a_model_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises((OSError, ValueError)):
        CrossEncoderReader(tmp_path)
