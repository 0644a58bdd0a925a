"""What a manifest tells of models and code, and when two of them are of one run."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

import eval.runs.manifest
from eval.runs.manifest import differing_identity, digest_of, hash_file
from service.language_models.weights.verify import MARKER


def files_of(model: Path, models_folder: Path) -> dict[str, Any]:
    return eval.runs.manifest._files(model, models_folder)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose bytes were read."""
    names: list[str] = []

    def hash_and_note(path: Path) -> str:
        names.append(path.name)
        return hash_file(path)

    monkeypatch.setattr("eval.runs.manifest.hash_file", hash_and_note)
    return names


def test_each_file_of_a_model_is_named_with_size_and_digest(tmp_path: Path) -> None:
    (tmp_path / "model" / "sub").mkdir(parents=True)
    (tmp_path / "model" / "sub" / "weights").write_bytes(b"abc")
    assert files_of(tmp_path / "model", tmp_path) == {
        "sub/weights": {"bytes": 3, "sha256": sha256(b"abc")},
    }


def test_a_file_is_hashed_once_until_it_changes(tmp_path: Path, hashed: list[str]) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(b"abc")
    files_of(model, tmp_path)
    files_of(model, tmp_path)
    assert hashed == ["m.gguf"]
    model.write_bytes(b"abd")
    os.utime(model, ns=(1, 1))
    assert files_of(model, tmp_path)["m.gguf"]["sha256"] == sha256(b"abd")


def test_what_was_written_down_when_the_model_was_checked_is_used(tmp_path: Path, hashed: list[str]) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(b"abc")
    facts = {"size": 3, "mtime": int(model.stat().st_mtime), "sha256": "known"}
    (tmp_path / MARKER).write_text(json.dumps({"files": {"m.gguf": facts}}))
    assert files_of(model, tmp_path)["m.gguf"]["sha256"] == "known"
    assert hashed == []
    model.write_bytes(b"abcd")
    assert files_of(model, tmp_path)["m.gguf"]["sha256"] == sha256(b"abcd")


def test_a_folder_of_models_that_cannot_be_written_to_costs_only_time(tmp_path: Path) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(b"abc")
    assert files_of(model, tmp_path / "missing")["m.gguf"]["sha256"] == sha256(b"abc")


def test_a_digest_depends_on_where_one_text_ends() -> None:
    assert digest_of(["ab", "c"]) != digest_of(["a", "bc"])


def test_time_and_machine_do_not_tell_runs_apart_but_settings_do() -> None:
    one = {"schema": 1, "started_at": "then", "machine": {"cores": 2}, "settings": {"k": 6}}
    assert differing_identity(one, one | {"started_at": "now", "machine": {"cores": 8}}) == {}
    assert differing_identity(one, one | {"settings": {"k": 8}}) == {"settings.k": (6, 8)}


def test_a_manifest_read_back_is_the_same_as_before() -> None:
    manifest = {"collections": ("a", "b"), "settings": {"k": 6}}
    assert differing_identity(json.loads(json.dumps(manifest)), manifest) == {}
