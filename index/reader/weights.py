"""The reader's weights: what training changed in the base model, in 4 bits, with the heads.

Linear layers are stored as the difference from the base in blocks of 32 weights with one float16 scale; other
weights as float16.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedding.weights_file import WeightsFile, WeightsFormat, read_weights, write_weights
from index.reader.calibration import Calibration

READER_FORMAT = WeightsFormat("inyong-reader", "reader weights", 1)
BUNDLED = Path(__file__).with_name("reader.safetensors")
_BLOCK = 32
_ENCODER = "encoder."


def trained_state(network: Any, base: Any) -> dict[str, NDArray[np.float32]]:
    """Return what a network has learnt: differences of its linear layers from `base`, other weights whole."""
    initial = dict(base.named_parameters())
    state = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        value = parameter.detach().float().cpu()
        if name.startswith(_ENCODER) and value.ndim == 2:
            value = value - initial[name.removeprefix(_ENCODER)].detach().float().cpu()
        state[name] = value.numpy()
    return state


def save_reader(
    path: Path, state: Mapping[str, NDArray[np.float32]], *, base: str, metadata: Mapping[str, str]
) -> None:
    """Write the weights of `trained_state` for the base with this fingerprint."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, value in state.items():
        if name.startswith(_ENCODER) and value.ndim == 2:
            tensors[f"{name}.q4"], tensors[f"{name}.scales"] = quantise(value)
        else:
            tensors[name] = value.astype(np.float16)
    write_weights(path, READER_FORMAT, tensors, base=base, metadata=metadata)


def save_calibration(path: Path, calibration: Calibration) -> None:
    """Store a calibration in the metadata of a weights file; the weights stay as they are."""
    file = read_weights(path, READER_FORMAT)
    metadata = {**file.metadata, "calibration": json.dumps(calibration.as_dict())}
    write_weights(path, READER_FORMAT, file.tensors, base=file.metadata["base"], metadata=metadata)


def load_reader_weights(path: Path, *, base: str | None = None) -> WeightsFile:
    """Read a weights file. Raises WeightsUnusable."""
    return read_weights(path, READER_FORMAT, base=base)


def calibration_of(file: WeightsFile) -> Calibration | None:
    """Return the stored calibration, or None for weights that were never calibrated."""
    stored = file.metadata.get("calibration")
    return Calibration.from_dict(json.loads(stored)) if stored else None


def restore_parameters(file: WeightsFile, base: Any) -> dict[str, Any]:
    """Return the network's trained parameters by name, float32 torch tensors, given the base encoder."""
    import torch

    initial = dict(base.named_parameters())
    state: dict[str, Any] = {}
    for name, tensor in file.tensors.items():
        if name.endswith(".scales"):
            continue
        if name.endswith(".q4"):
            plain = name.removesuffix(".q4")
            parameter = initial[plain.removeprefix(_ENCODER)].detach().float().cpu()
            change = torch.from_numpy(dequantise(tensor, file.tensors[f"{plain}.scales"]))
            state[plain] = parameter + change.reshape(parameter.shape)
        else:
            state[name] = torch.from_numpy(tensor.astype(np.float32))
    return state


def quantise(values: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """Return 4-bit codes, two a byte, and one scale a block of 32; the scale with the least squared error."""
    flat = values.reshape(-1, _BLOCK)
    peaks = flat[np.arange(len(flat)), np.abs(flat).argmax(1)]
    best = np.full(len(flat), np.inf, dtype=np.float32)
    scales = np.zeros(len(flat), dtype=np.float16)
    codes = np.full(flat.shape, 8, dtype=np.uint8)
    for share in (1.0, 0.92, 0.85, 0.78):
        candidate = (peaks * share / -8).astype(np.float16)
        divisor = np.where(candidate == 0, 1, candidate).astype(np.float32)[:, None]
        rounded = np.clip(np.rint(flat / divisor), -8, 7)
        error = ((rounded * candidate.astype(np.float32)[:, None] - flat) ** 2).sum(1)
        better = error < best
        best[better], scales[better] = error[better], candidate[better]
        codes[better] = (rounded[better] + 8).astype(np.uint8)
    packed: NDArray[np.uint8] = codes[:, : _BLOCK // 2] + codes[:, _BLOCK // 2 :] * np.uint8(16)
    return packed, scales


def dequantise(packed: NDArray[np.uint8], scales: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return the values of `quantise`, flat float32."""
    codes = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
    values: NDArray[np.float32] = (codes * scales.astype(np.float32)[:, None]).reshape(-1)
    return values
