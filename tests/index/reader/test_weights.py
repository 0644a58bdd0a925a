from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from index.embedding.embedder import SentenceTransformerEmbedder
from index.embedding.weights_file import WeightsFormat, write_weights
from index.errors import WeightsUnusable
from index.reader.calibration import Calibration, PassageCalibration
from index.reader.weights import (
    calibration_of,
    dequantise,
    load_reader_weights,
    quantise,
    restore_parameters,
    save_calibration,
    save_reader,
    trained_state,
)
from tests.index.reader.tiny_model import make_network

CALIBRATION = Calibration(PassageCalibration(0.25, 0.75, -1.5), (2.0, -0.5), (0.9, 0.1), 0.25, 0.75)
BLOCKS = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.just(32)),
    elements=st.floats(-4, 4, width=32).map(lambda x: x if abs(x) > 1e-3 else 0.0),
)


@pytest.fixture(scope="module")
def network(tiny_embedder: SentenceTransformerEmbedder) -> Any:
    return make_network(tiny_embedder)


@pytest.fixture
def saved(tmp_path: Path, network: Any, tiny_embedder: SentenceTransformerEmbedder) -> Path:
    path = tmp_path / "reader.safetensors"
    state = trained_state(network, tiny_embedder.transformer)
    save_reader(path, state, base=tiny_embedder.fingerprint, metadata={"joint_layers": "2"})
    return path


# Four bits


@given(BLOCKS)
@settings(deadline=None)
def test_a_value_within_the_codes_range_is_off_by_at_most_half_a_step(values: NDArray[np.float32]) -> None:
    packed, scales = quantise(values)
    steps = np.abs(scales.astype(np.float64))[:, None]
    signed = values * np.sign(scales.astype(np.float64))[:, None]
    inside = (signed >= -8 * steps) & (signed <= 7 * steps)
    errors = np.abs(dequantise(packed, scales).reshape(values.shape) - values)
    assert (errors[inside] <= (steps / 2 * 1.001 + 1e-6).repeat(32, 1)[inside]).all()


@given(BLOCKS)
@settings(deadline=None)
def test_a_value_beyond_the_codes_range_becomes_the_nearest_end(values: NDArray[np.float32]) -> None:
    packed, scales = quantise(values)
    signed = scales.astype(np.float64)[:, None]
    nearest = np.clip(values, np.minimum(-8 * signed, 7 * signed), np.maximum(-8 * signed, 7 * signed))
    errors = np.abs(dequantise(packed, scales).reshape(values.shape) - nearest)
    assert (errors <= np.abs(signed) / 2 * 1.001 + 1e-6).all()


@given(BLOCKS)
@settings(deadline=None)
def test_the_squared_error_is_no_larger_than_when_the_peak_decides_the_scale(
    values: NDArray[np.float32],
) -> None:
    # With steps of peak / 8, a value is off by half a step, or by a whole one opposite to the peak.
    largest = 32 * (np.abs(values).max(1) / 8 * 1.01) ** 2
    errors = dequantise(*quantise(values)).reshape(values.shape) - values
    assert ((errors**2).sum(1) <= largest + 1e-9).all()


def test_multiples_of_the_scale_come_back_exactly() -> None:
    values = np.float32(0.25) * np.arange(-8, 8, dtype=np.float32).repeat(2)
    np.testing.assert_array_equal(dequantise(*quantise(values)), values)


def test_a_block_of_zeros_stays_zero_beside_another() -> None:
    values = np.concatenate([np.zeros(32), np.linspace(-1, 1, 32)]).astype(np.float32)
    np.testing.assert_array_equal(dequantise(*quantise(values))[:32], np.zeros(32))


def test_each_block_has_its_own_scale() -> None:
    small = np.float32(0.001) * np.arange(-8, 8, dtype=np.float32).repeat(2)
    values = np.concatenate([small, 1000 * small])
    np.testing.assert_allclose(dequantise(*quantise(values)), values, rtol=2e-3)


def test_two_codes_take_one_byte() -> None:
    packed, scales = quantise(np.ones((4, 64), np.float32))
    assert (packed.shape, packed.itemsize) == ((8, 16), 1)
    assert (scales.shape, scales.itemsize) == ((8,), 2)


# Files


def test_restored_weights_are_the_trained_ones_within_a_step(
    saved: Path, network: Any, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    restored = restore_parameters(load_reader_weights(saved), tiny_embedder.transformer)
    trained = {n: p.detach() for n, p in network.named_parameters() if p.requires_grad}
    assert restored.keys() == trained.keys()
    initial = {f"encoder.{n}": p.detach() for n, p in tiny_embedder.transformer.named_parameters()}
    for name, value in trained.items():
        change = value - initial[name] if name in initial else value
        assert float((restored[name] - value).abs().max()) <= float(change.abs().max()) / 4


def test_embeddings_are_not_stored(saved: Path) -> None:
    assert not [name for name in load_reader_weights(saved).tensors if "embeddings" in name]


def test_linear_layers_of_the_transformer_take_four_bits_and_everything_else_sixteen(saved: Path) -> None:
    tensors = load_reader_weights(saved).tensors
    query = "encoder.encoder.layer.0.attention.self.query"
    assert tensors[f"{query}.weight.q4"].nbytes == 32 * 32 // 2
    assert tensors[f"{query}.weight.scales"].shape == (32,)
    assert tensors[f"{query}.bias"].dtype == np.float16
    assert tensors["span_head.weight"].dtype == np.float16


def test_what_training_left_alone_comes_back_exactly(
    tmp_path: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    base = tiny_embedder.transformer
    name = "encoder.layer.0.attention.self.query.weight"
    unchanged = {f"encoder.{name}": np.zeros((32, 32), np.float32)}
    save_reader(tmp_path / "w", unchanged, base="b", metadata={})
    restored = restore_parameters(load_reader_weights(tmp_path / "w"), base)
    np.testing.assert_array_equal(
        restored[f"encoder.{name}"].numpy(), dict(base.named_parameters())[name].detach().numpy()
    )


def test_weights_for_another_base_are_refused(saved: Path) -> None:
    with pytest.raises(WeightsUnusable, match=f"{saved}: was trained on the base model"):
        load_reader_weights(saved, base="another")


def test_weights_of_another_kind_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w"
    write_weights(path, WeightsFormat("inyong-question-adapter", "x", 1), {}, base="b", metadata={})
    with pytest.raises(WeightsUnusable, match=f"{path}: is a safetensors file, but not of reader weights"):
        load_reader_weights(path)


# Calibration in the metadata


def test_weights_that_were_never_calibrated_have_no_calibration(saved: Path) -> None:
    assert calibration_of(load_reader_weights(saved)) is None


def test_a_stored_calibration_comes_back(saved: Path) -> None:
    save_calibration(saved, CALIBRATION)
    assert calibration_of(load_reader_weights(saved)) == CALIBRATION


def test_storing_a_calibration_leaves_weights_and_other_metadata_as_they_are(saved: Path) -> None:
    before = load_reader_weights(saved)
    save_calibration(saved, CALIBRATION)
    after = load_reader_weights(saved)
    new = {"calibration", "digest"}
    assert {k: v for k, v in after.metadata.items() if k not in new} == {
        k: v for k, v in before.metadata.items() if k != "digest"
    }
    assert all(np.array_equal(after.tensors[name], tensor) for name, tensor in before.tensors.items())
