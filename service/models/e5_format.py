"""Reads the packed 4-bit e5 file: sizes, tokeniser, normalisation map, tensors. Format: E5S1, version 1.

The file is data from elsewhere: every count and offset is checked against the file before it is used.
"""

import math
import re
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.errors import ModelUnavailable

_MAGIC = b"E5S1"
_VERSION = 1
_FLOAT32, _Q4_0 = 0, 1
_BLOCK = 32  # weights of one Q4_0 block
_BLOCK_BYTES = 18
# Far above any model of this family, and small enough that no product of two overflows or exhausts memory.
_MOST = {
    "hidden": 4096,
    "layers": 64,
    "heads": 64,
    "feed_forward": 16384,
    "vocabulary": 1_000_000,
    "positions": 8192,
    "token_types": 16,
}


@dataclass(frozen=True, slots=True)
class E5Sizes:
    """Shape of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float


@dataclass(frozen=True, slots=True)
class E5Tokens:
    """The SentencePiece unigram vocabulary. pieces[i] has scores[i]; bos, eos, pad, unk are indices.

    normalization: what becomes of single characters before the text is cut into pieces.
    """

    pieces: list[str]
    scores: list[float]
    bos: int
    eos: int
    pad: int
    unk: int
    normalization: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Tensor:
    kind: int
    n_elements: int
    offset: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class E5File:
    """A packed file, taken apart; the tensors are decoded when asked for."""

    sizes: E5Sizes
    tokens: E5Tokens
    _tensors: dict[str, _Tensor]
    _data: bytes

    def tensor(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """The tensor in the given shape, dequantised a slice at a time.

        Raises ModelUnavailable when it is absent, of another size, or holds what is not a number.
        """
        found = self._tensors.get(name)
        if found is None:
            raise _damaged(f"it has no tensor {name}")
        if found.n_elements != math.prod(shape):
            raise _damaged(f"tensor {name} has {found.n_elements} elements, not {math.prod(shape)}")
        decoded = np.empty(found.n_elements, np.float32)
        if found.kind == _FLOAT32:
            decoded[:] = np.frombuffer(self._data, "<f4", found.n_elements, found.offset)
        else:
            n_blocks, step = found.n_elements // _BLOCK, 1 << 15  # 4 MB of float32 at a time
            for first in range(0, n_blocks, step):
                n = min(step, n_blocks - first)
                raw = np.frombuffer(
                    self._data, np.uint8, n * _BLOCK_BYTES, found.offset + first * _BLOCK_BYTES
                )
                with np.errstate(all="ignore"):  # what is not a number is found below
                    decoded[first * _BLOCK : (first + n) * _BLOCK] = dequantise(raw)
        if not np.isfinite(decoded).all():
            raise _damaged(f"tensor {name} holds what is not a number")
        return decoded.reshape(shape)


def dequantise(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The weights of a run of Q4_0 blocks, float32, 32 for every 18 bytes.

    A block is a float16 scale d and 16 bytes; byte j holds weight j in its low four bits and weight j + 16
    in its high ones; a weight is d * (bits - 8), as in ggml.
    """
    blocks = raw.reshape(-1, _BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    bits = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32)
    weights: NDArray[np.float32] = ((bits - 8) * scales).reshape(-1)
    return weights


def parse_e5(data: bytes) -> E5File:
    """The file taken apart. Raises ModelUnavailable, saying where, when it is cut short or makes no sense."""
    cursor = _Cursor(data)
    if cursor.take(4) != _MAGIC:
        raise _damaged("it does not begin with E5S1")
    if (version := cursor.unpack("<I")[0]) != _VERSION:
        raise _damaged(f"it has format version {version}, not {_VERSION}")
    sizes = _read_sizes(cursor)
    tokens = _read_tokens(cursor, sizes)
    tensors = _read_tensors(cursor)
    return E5File(sizes, tokens, tensors, data)


class _Cursor:
    """Takes bytes off the front, never more than there are."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, n_bytes: int) -> bytes:
        if n_bytes < 0 or self.at + n_bytes > len(self.data):
            raise _damaged(f"it ends too early, {n_bytes:,} bytes are missing at byte {self.at:,}")
        self.at += n_bytes
        return self.data[self.at - n_bytes : self.at]

    def unpack(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))


def _read_sizes(cursor: _Cursor) -> E5Sizes:
    values = dict(zip(_MOST, cursor.unpack("<7i"), strict=True))
    for name, value in values.items():
        if not 1 <= value <= _MOST[name]:
            raise _damaged(f"its number of {name.replace('_', ' ')} is {value}")
    epsilon, block = cursor.unpack("<fi")
    if values["hidden"] % values["heads"]:
        raise _damaged(f"its hidden size {values['hidden']} does not divide by {values['heads']} heads")
    if not 0 < epsilon < 1:
        raise _damaged(f"its layer norm epsilon is {epsilon}")
    if block != _BLOCK:
        raise _damaged(f"its blocks hold {block} weights, not {_BLOCK}")
    # float32 keeps 1e-12 as 9.99999996e-13; seven digits give back what was meant
    return E5Sizes(**values, layer_norm_epsilon=float(f"{epsilon:.7g}"))


def _read_tokens(cursor: _Cursor, sizes: E5Sizes) -> E5Tokens:
    n, *special = cursor.unpack("<5i")
    if not 1 <= n <= sizes.vocabulary:
        raise _damaged(f"it has {n} pieces for a vocabulary of {sizes.vocabulary}")
    if len(set(special)) != len(special) or not all(0 <= i < n for i in special):
        raise _damaged(f"its special pieces are {special}")
    (blob_bytes,) = cursor.unpack("<Q")
    offsets = np.frombuffer(cursor.take(4 * (n + 1)), "<u4").astype(np.int64)
    scores = np.frombuffer(cursor.take(4 * n), "<f4")
    blob = cursor.take(blob_bytes)
    if offsets[0] != 0 or offsets[-1] != blob_bytes or (np.diff(offsets) < 0).any():
        raise _damaged("the offsets of its pieces are out of order")
    if not np.isfinite(scores).all():
        raise _damaged("a score of its pieces is not a number")
    try:
        pieces = [blob[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    except UnicodeDecodeError as error:
        raise _damaged("one of its pieces is not UTF-8") from error
    if not all(pieces) or len(set(pieces)) != n:
        raise _damaged("one of its pieces is empty or there twice")
    if not all(re.fullmatch(r"<[a-z]+>", pieces[i]) or pieces[i] == "</s>" for i in special):
        raise _damaged(f"its special pieces are {[pieces[i] for i in special]}")
    bos, eos, pad, unk = special
    return E5Tokens(pieces, [float(s) for s in scores], bos, eos, pad, unk, _read_normalization(cursor))


def _read_normalization(cursor: _Cursor) -> dict[str, str]:
    count, n_bytes = cursor.unpack("<iI")
    entries = _Cursor(cursor.take(n_bytes))
    normalization = {}
    for _ in range(count):
        code_point, length = entries.unpack("<IB")
        replacement = entries.unpack(f"<{length}I")
        if not all(c < 0xD800 or 0xE000 <= c < 0x110000 for c in (code_point, *replacement)):
            raise _damaged("its normalisation map names what is not a character")
        normalization[chr(code_point)] = "".join(map(chr, replacement))
    if count < 0 or entries.at != n_bytes:
        raise _damaged("its normalisation map has another length than it says")
    return normalization


def _read_tensors(cursor: _Cursor) -> dict[str, _Tensor]:
    (count,) = cursor.unpack("<i")
    if count < 0:
        raise _damaged(f"it has {count} tensors")
    tensors = {}
    for _ in range(count):
        (length,) = cursor.unpack("<H")
        name = cursor.take(length).decode("ascii", "backslashreplace")
        tensor = _Tensor(*cursor.unpack("<BIQQ"))
        expected = {_FLOAT32: 4 * tensor.n_elements, _Q4_0: tensor.n_elements // _BLOCK * _BLOCK_BYTES}
        if tensor.kind not in expected or (tensor.kind == _Q4_0 and tensor.n_elements % _BLOCK):
            raise _damaged(f"tensor {name} is of a type or size that is not known")
        if tensor.n_bytes != expected[tensor.kind] or tensor.offset + tensor.n_bytes > len(cursor.data):
            raise _damaged(f"tensor {name} does not lie inside the file")
        tensors[name] = tensor
    return tensors


def _damaged(what: str) -> ModelUnavailable:
    return ModelUnavailable(f"the packed e5 weights are damaged: {what}; pull the model again")
