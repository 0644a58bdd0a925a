from pathlib import Path
from typing import Any

import pytest
import torch

from index.embedding.embedder import SentenceTransformerEmbedder
from index.errors import WeightsUnusable
from index.reader.calibration import Calibration, PassageCalibration
from index.reader.encoding import TextEncoder
from index.reader.loading import load_trained_reader, read_calibration, write_calibration
from index.reader.trained import TorchEngine, TrainedReader
from index.reader.weights import save_calibration, save_reader, trained_state
from tests.index.reader.samples import make_passage
from tests.index.reader.tiny_model import JOINT_LAYERS, make_network

CALIBRATION = Calibration(PassageCalibration(0.25, 0.75, -1.5), (2.0, -0.5), (0.9, 0.1), 0.25, 0.75)
PASSAGES = [
    make_passage("대구시는 올해 예산을 350억 원으로 정했다.", "지난해보다 늘었다."),
    make_passage("Free."),
]
QUESTION = "올해 예산은 얼마인가?"


@pytest.fixture(scope="module")
def network(tiny_embedder: SentenceTransformerEmbedder) -> Any:
    """Weights that a file holds exactly: changes by 16 steps of a sixty-fourth, the rest in float16."""
    network = make_network(tiny_embedder)
    steps = torch.arange(-8, 8).repeat(2) / 64
    initial = {f"encoder.{name}": value for name, value in tiny_embedder.transformer.named_parameters()}
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.requires_grad and name in initial and parameter.ndim == 2:
                change = steps.repeat(parameter.numel() // 32).reshape(parameter.shape)
                parameter.copy_(initial[name] + change)
            elif parameter.requires_grad:
                parameter.copy_(parameter.half().float())
    return network


@pytest.fixture
def saved(tmp_path: Path, network: Any, tiny_embedder: SentenceTransformerEmbedder) -> Path:
    path = tmp_path / "reader.safetensors"
    state = trained_state(network, tiny_embedder.transformer)
    metadata = {"joint_layers": str(JOINT_LAYERS)}
    save_reader(path, state, base=tiny_embedder.fingerprint, metadata=metadata)
    return path


def log_odds(reader: TrainedReader) -> list[float]:
    return [x for raw in reader.raw_scores(QUESTION, PASSAGES) for x in (*raw.sentences, raw.passage)]


def test_a_loaded_reader_scores_as_the_trained_one_does(
    saved: Path, network: Any, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    trained = TrainedReader(TorchEngine(network), TextEncoder(tiny_embedder.tokenizer), name="trained")
    loaded = load_trained_reader(tiny_embedder, saved, engine="float32")
    assert log_odds(loaded) == pytest.approx(log_odds(trained), abs=1e-4)


def test_loading_twice_gives_equal_scores(saved: Path, tiny_embedder: SentenceTransformerEmbedder) -> None:
    one, other = (load_trained_reader(tiny_embedder, saved, engine="float32") for _ in range(2))
    assert log_odds(one) == log_odds(other)


def test_loading_changes_no_vector_of_the_embedder(
    saved: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    before = tiny_embedder.embed_question(QUESTION)
    load_trained_reader(tiny_embedder, saved, engine="float32").read(QUESTION, PASSAGES)
    assert (tiny_embedder.embed_question(QUESTION) == before).all()


def test_a_reader_is_calibrated_where_its_weights_are(
    saved: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    assert not load_trained_reader(tiny_embedder, saved, engine="float32").calibrated
    save_calibration(saved, CALIBRATION)
    reader = load_trained_reader(tiny_embedder, saved, engine="float32")
    assert (reader.calibrated, reader.calibration) == (True, CALIBRATION)


def test_a_reader_has_another_name_once_it_is_calibrated(
    saved: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    before = load_trained_reader(tiny_embedder, saved, engine="float32").name
    save_calibration(saved, CALIBRATION)
    assert load_trained_reader(tiny_embedder, saved, engine="float32").name != before


def test_weights_for_another_embedding_model_are_refused(
    tmp_path: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    path = tmp_path / "w"
    save_reader(path, {}, base="another", metadata={"joint_layers": "2"})
    with pytest.raises(WeightsUnusable, match=f"{path}: was trained on the base model another"):
        load_trained_reader(tiny_embedder, path)


def test_weights_that_this_release_does_not_know_are_refused(
    tmp_path: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    path = tmp_path / "w"
    state = trained_state(make_network(tiny_embedder), tiny_embedder.transformer)
    state["new_head.weight"] = state["passage_head.weight"]
    save_reader(path, state, base=tiny_embedder.fingerprint, metadata={"joint_layers": "2"})
    with pytest.raises(WeightsUnusable, match=f"{path}: has weights that this release does not know"):
        load_trained_reader(tiny_embedder, path)


# Calibration of another cross-encoder


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    write_calibration(path, "a/reader", CALIBRATION)
    assert read_calibration(path, "a/reader") == CALIBRATION


def test_the_calibration_of_another_reader_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    write_calibration(path, "a/reader", CALIBRATION)
    assert read_calibration(path, "b/reader") is None


def test_a_missing_calibration_file_is_no_calibration(tmp_path: Path) -> None:
    assert read_calibration(tmp_path / "missing.json", "a/reader") is None


@pytest.mark.parametrize("content", ["", "{}", "[]", "not JSON", '{"passage": {"weight": 1}}', "\x00"])
def test_a_damaged_calibration_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(WeightsUnusable, match=f"{path}: is no calibration of a reader"):
        read_calibration(path, "a/reader")
