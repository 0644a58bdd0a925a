"""The reader's weights file: what training changed in the base model, in 4 bits, with the heads.

A safetensors file. Linear layers are stored as the difference from the base in blocks of 32 weights with one
float16 scale; other weights as float16. Its metadata names the format, the base and a digest of the content,
so a file that is damaged, of another base or of a newer format is refused.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ReaderUnavailable

FORMAT = "inyong-reader"
VERSION = 1
_BLOCK = 32
_ENCODER = "encoder."


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """A read weights file. tensors: as stored. metadata: str to str."""

    tensors: Mapping[str, NDArray[Any]]
    metadata: Mapping[str, str]

    def state(self, base: Any) -> dict[str, Any]:
        """Return the network's trained parameters by name, float32 torch tensors, given the base encoder."""
        import torch

        initial = dict(base.named_parameters())
        state: dict[str, Any] = {}
        for name, tensor in self.tensors.items():
            if name.endswith(".scales"):
                continue
            if name.endswith(".q4"):
                plain = name.removesuffix(".q4")
                values = dequantise(tensor, self.tensors[f"{plain}.scales"])
                parameter = initial[plain.removeprefix(_ENCODER)].detach().float()
                state[plain] = parameter + torch.from_numpy(values).reshape(parameter.shape)
            else:
                state[name] = torch.from_numpy(tensor.astype(np.float32))
        return state


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


def save_weights(
    path: Path, state: Mapping[str, NDArray[np.float32]], base_fingerprint: str, metadata: Mapping[str, str]
) -> None:
    """Write a weights file from `trained_state`."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, value in state.items():
        if name.startswith(_ENCODER) and value.ndim == 2:
            tensors[f"{name}.q4"], tensors[f"{name}.scales"] = quantise(value)
        else:
            tensors[name] = value.astype(np.float16)
    write_tensors(path, tensors, {**metadata, "base": base_fingerprint})


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> None:
    """Write tensors with the format's own metadata; the file appears whole or not at all."""
    from safetensors.numpy import save_file

    own = {"format": FORMAT, "version": str(VERSION), "digest": _digest(tensors)}
    temporary = path.with_name(path.name + ".new")
    save_file(dict(tensors), temporary, {**metadata, **own})
    temporary.replace(path)


def load_weights(path: Path, base_fingerprint: str | None = None) -> ReaderWeights:
    """Read a weights file. Raises ReaderUnavailable when it is missing, damaged, newer or of another base."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    except FileNotFoundError as error:
        raise ReaderUnavailable(f"{path}: no such file of reader weights") from error
    except (SafetensorError, OSError, ValueError) as error:
        raise ReaderUnavailable(
            f"{path}: is damaged or no file of reader weights ({error}); take the file of this release again"
        ) from error
    if metadata.get("format") != FORMAT:
        raise ReaderUnavailable(f"{path}: is a safetensors file, but not of reader weights")
    version = metadata.get("version", "")
    if not version.isdigit() or int(version) > VERSION:
        raise ReaderUnavailable(
            f"{path}: has format version {version or 'unknown'}, this release reads up to {VERSION}; "
            "update Inyong, or take the weights that came with it"
        )
    if metadata.get("digest") != _digest(tensors):
        raise ReaderUnavailable(f"{path}: is damaged, its digest differs; take the file of this release again")
    if base_fingerprint is not None and metadata.get("base") != base_fingerprint:
        raise ReaderUnavailable(
            f"{path}: was trained on the base model {metadata.get('base')}, but the one given is "
            f"{base_fingerprint}; use the embedding model it was trained on"
        )
    return ReaderWeights(tensors, metadata)


def calibration_of(metadata: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the stored calibration, or None for weights that were never calibrated."""
    stored = metadata.get("calibration")
    return json.loads(stored) if stored else None


def quantise(values: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """Return 4-bit codes, two a byte, and one scale a block of 32; the scale with the least squared error."""
    flat = values.reshape(-1, _BLOCK)
    peaks = flat[np.arange(len(flat)), np.abs(flat).argmax(1)]
    best = np.full(len(flat), np.inf, dtype=np.float32)
    scales = np.zeros(len(flat), dtype=np.float16)
    codes = np.zeros(flat.shape, dtype=np.uint8)
    for share in (1.0, 0.92, 0.85, 0.78):
        candidate = (peaks * share / -8).astype(np.float16)
        divisor = np.where(candidate == 0, 1, candidate).astype(np.float32)[:, None]
        rounded = np.clip(np.rint(flat / divisor), -8, 7)
        error = ((rounded * candidate.astype(np.float32)[:, None] - flat) ** 2).sum(1)
        better = error < best
        best[better], scales[better] = error[better], candidate[better]
        codes[better] = (rounded[better] + 8).astype(np.uint8)
    packed = codes[:, : _BLOCK // 2] | (codes[:, _BLOCK // 2 :] << 4)
    return packed, scales


def dequantise(packed: NDArray[np.uint8], scales: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return the values of `quantise`, flat float32."""
    codes = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
    values: NDArray[np.float32] = (codes * scales.astype(np.float32)[:, None]).reshape(-1)
    return values


def _digest(tensors: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tensor.shape} ".encode())
        digest.update(np.ascontiguousarray(tensor).tobytes())
    return digest.hexdigest()
