from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save_file

from index.embedding.weights_file import WeightsFormat, read_weights, write_weights
from index.errors import WeightsUnusable

KIND = WeightsFormat("inyong-test", "test weights", 2)
TENSORS: Mapping[str, NDArray[Any]] = {
    "layer.q4": np.arange(64, dtype=np.uint8).reshape(2, 32),
    "layer.scales": np.array([0.5, -0.25], dtype=np.float16),
    "bias": np.array([1.5, -2.0, 3.25], dtype=np.float32),
}


def write(path: Path, kind: WeightsFormat = KIND, base: str = "base-a") -> Path:
    write_weights(path, kind, TENSORS, base=base, metadata={"step": "7"})
    return path


def refusal(path: Path, *, base: str | None = None) -> str:
    with pytest.raises(WeightsUnusable) as caught:
        read_weights(path, KIND, base=base)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_tensors_come_back_as_they_were(tmp_path: Path) -> None:
    found = read_weights(write(tmp_path / "w.safetensors"), KIND, base="base-a").tensors
    assert found.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert found[name].dtype == tensor.dtype
        np.testing.assert_array_equal(found[name], tensor)


def test_metadata_comes_back_with_format_version_and_base(tmp_path: Path) -> None:
    metadata = read_weights(write(tmp_path / "w.safetensors"), KIND).metadata
    assert {k: metadata[k] for k in ("step", "format", "version", "base")} == {
        "step": "7",
        "format": "inyong-test",
        "version": "2",
        "base": "base-a",
    }


def test_the_digest_covers_what_is_said_about_the_weights(tmp_path: Path) -> None:
    one = read_weights(write(tmp_path / "one"), KIND).metadata["digest"]
    same = read_weights(write(tmp_path / "same"), KIND).metadata["digest"]
    other = read_weights(write(tmp_path / "other", base="base-b"), KIND).metadata["digest"]
    assert one == same != other


def test_an_older_version_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "w", WeightsFormat("inyong-test", "test weights", 1))
    assert read_weights(path, KIND).metadata["version"] == "1"


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "w", WeightsFormat("inyong-test", "test weights", 3))
    assert "has format version 3, this release reads up to 2" in refusal(path)


def test_weights_for_another_base_are_refused(tmp_path: Path) -> None:
    message = refusal(write(tmp_path / "w"), base="base-b")
    assert "trained on the base model base-a" in message
    assert "base-b" in message


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no such file of test weights" in refusal(tmp_path / "missing")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is damaged or no file of test weights" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", b"short", b"not safetensors at all, but text" * 9])
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w"
    path.write_bytes(content)
    assert "is damaged or no file of test weights" in refusal(path)


def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    content = write(tmp_path / "w").read_bytes()
    for length in range(0, len(content), 7):
        (tmp_path / "cut").write_bytes(content[:length])
        assert "is damaged" in refusal(tmp_path / "cut")


def test_a_flipped_bit_of_a_weight_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "w")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert "its digest differs" in refusal(path)


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(deadline=None)
def test_no_flipped_bit_changes_a_weight_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, place: float, bit: int
) -> None:
    path = write(tmp_path_factory.mktemp("flipped") / "w")
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    try:
        found = read_weights(path, KIND).tensors
    except WeightsUnusable as error:
        assert str(path) in str(error)  # noqa: PT017  a flip in what is only said about them may pass
        return
    assert found.keys() == TENSORS.keys()
    assert all(found[name].tobytes() == tensor.tobytes() for name, tensor in TENSORS.items())


def test_safetensors_of_another_kind_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "w", WeightsFormat("inyong-other", "other weights", 1))
    assert "is a safetensors file, but not of test weights" in refusal(path)


def test_safetensors_of_another_program_are_refused(tmp_path: Path) -> None:
    save_file({"weight": np.zeros(3, np.float32)}, tmp_path / "w")
    assert "is a safetensors file, but not of test weights" in refusal(tmp_path / "w")


def test_a_model_in_bfloat16_is_refused(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file as save_torch

    save_torch({"weight": torch.zeros(3, dtype=torch.bfloat16)}, tmp_path / "w")
    refusal(tmp_path / "w")


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "w")
    before = path.read_bytes()

    def fail_half_way(tensors: object, target: Path, metadata: object) -> None:
        target.write_bytes(before[:50])
        raise OSError("no space left on device")

    monkeypatch.setattr(safetensors.numpy, "save_file", fail_half_way)
    with pytest.raises(OSError, match="no space left"):
        write(path, base="base-b")
    assert path.read_bytes() == before


def test_a_write_leaves_no_other_file_behind(tmp_path: Path) -> None:
    write(tmp_path / "w")
    assert [path.name for path in tmp_path.iterdir()] == ["w"]
