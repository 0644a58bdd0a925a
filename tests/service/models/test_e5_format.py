import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ModelUnavailable
from service.models.e5_format import dequantise, parse_e5
from tests.service.models import tiny_e5

WHOLE = tiny_e5.build_tiny_e5()


def test_a_block_is_dequantised_to_the_weights_worked_out_by_hand() -> None:
    # scale -0.25; the first byte 0xF0: weight 0 has bits 0, weight 16 bits 15; the others 8, which is zero
    block = struct.pack("<e", -0.25) + bytes([0xF0]) + bytes([0x88] * 15)
    weights = dequantise(np.frombuffer(block, np.uint8))
    assert weights.dtype == np.float32
    assert weights[0] == 2.0  # -0.25 * (0 - 8)
    assert weights[16] == -1.75  # -0.25 * (15 - 8)
    assert np.count_nonzero(weights) == 2


def test_blocks_follow_one_another_32_weights_each() -> None:
    other = struct.pack("<e", 1.0) + bytes([0x99] * 16)
    weights = dequantise(np.frombuffer(tiny_e5.BLOCK + other, np.uint8))
    assert weights.tolist() == tiny_e5.BLOCK_WEIGHTS + [1.0] * 32


def test_sizes_and_pieces_are_read_as_written() -> None:
    packed = parse_e5(WHOLE)
    assert (packed.sizes.hidden, packed.sizes.layers, packed.sizes.vocabulary) == (32, 1, 16)
    assert packed.sizes.layer_norm_epsilon == 1e-12
    assert packed.tokens.pieces == tiny_e5.PIECES
    assert (packed.tokens.bos, packed.tokens.eos, packed.tokens.pad, packed.tokens.unk) == (0, 2, 1, 3)
    assert packed.tokens.normalization == tiny_e5.NORMALIZATION


def test_tensors_are_read_by_name_in_their_shape() -> None:
    packed = parse_e5(WHOLE)
    words = packed.tensor("emb.word", (16, 32))
    assert words.shape == (16, 32)
    assert words[15].tolist() == tiny_e5.BLOCK_WEIGHTS
    assert packed.tensor("emb.ln.w", (32,))[:3].tolist() == [0, np.float32(0.01), np.float32(0.02)]


def test_a_tensor_of_another_size_is_refused() -> None:
    with pytest.raises(ModelUnavailable, match=r"tensor emb\.ln\.w has 32 elements, not 33"):
        parse_e5(WHOLE).tensor("emb.ln.w", (33,))


def test_a_tensor_that_is_absent_is_named() -> None:
    packed = parse_e5(tiny_e5.build_tiny_e5(without="l0.q.w"))
    with pytest.raises(ModelUnavailable, match=r"no tensor l0\.q\.w"):
        packed.tensor("l0.q.w", (32, 32))


def test_a_scale_that_is_not_a_number_is_refused() -> None:
    packed = parse_e5(tiny_e5.build_tiny_e5(block=struct.pack("<e", float("nan")) + tiny_e5.BLOCK[2:]))
    with pytest.raises(ModelUnavailable, match=r"emb\.word holds what is not a number"):
        packed.tensor("emb.word", (16, 32))


@given(st.integers(min_value=0, max_value=len(WHOLE) - 1))
def test_a_file_cut_short_anywhere_is_refused_in_words(cut: int) -> None:
    with pytest.raises(ModelUnavailable, match="packed e5 weights are damaged"):
        parse_e5(WHOLE[:cut])


@given(st.integers(min_value=0, max_value=1500), st.binary(min_size=1, max_size=8))
def test_altered_bytes_are_read_or_refused_but_never_crash(at: int, noise: bytes) -> None:
    altered = WHOLE[:at] + noise + WHOLE[at + len(noise) :]
    try:
        packed = parse_e5(altered)
        for name, (_, shape) in tiny_e5.tensor_shapes().items():
            packed.tensor(name, shape)
    except ModelUnavailable as error:
        assert "damaged" in str(error)  # noqa: PT017 - both outcomes are right


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (0, struct.pack("<I", 0), "does not begin with E5S1"),
        (4, struct.pack("<I", 2), "format version 2, not 1"),
        (8, struct.pack("<i", 2**31 - 1), "number of hidden is 2147483647"),
        (16, struct.pack("<i", 5), "does not divide by 5 heads"),
        (36, struct.pack("<f", -1), "layer norm epsilon"),
        (40, struct.pack("<i", 64), "blocks hold 64 weights, not 32"),
        (44, struct.pack("<i", -1), "-1 pieces"),
        (64, struct.pack("<Q", 2**63), "ends too early"),
    ],
)
def test_a_hostile_header_is_refused(at: int, value: bytes, said: str) -> None:
    with pytest.raises(ModelUnavailable, match=said):
        parse_e5(WHOLE[:at] + value + WHOLE[at + len(value) :])
