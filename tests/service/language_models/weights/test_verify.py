import json
import os
from pathlib import Path

import pytest

from service.language_models.weights import verify as verify_module
from service.language_models.weights.catalogue import Layout, ModelEntry
from service.language_models.weights.verify import MARKER, ModelStatus, state, verify, write_marker
from tests.service.language_models.weights.fake_models import PARTS, Shelf


@pytest.fixture
def gguf(shelf: Shelf) -> ModelEntry:
    """A whole language model on disk, as a pull leaves it."""
    entry = shelf.entry()
    entry.folder(shelf.models).mkdir(parents=True)
    entry.usable_path(shelf.models).write_bytes(b"".join(PARTS))
    return entry


@pytest.fixture
def folder(shelf: Shelf) -> ModelEntry:
    """A whole embedding model on disk, as a pull leaves it."""
    entry = shelf.entry(layout=Layout.ZIP)
    made = entry.folder(shelf.models)
    (made / "1_Pooling").mkdir(parents=True)
    (made / "1_Pooling" / "config.json").write_text("{}")
    (made / "modules.json").write_text("[]")
    write_marker(entry, made)
    return entry


def test_a_model_that_was_never_pulled_is_missing(shelf: Shelf) -> None:
    entry = shelf.entry()
    found = state(entry, shelf.models)
    assert (found.status, found.path) == (ModelStatus.MISSING, shelf.models / "fake-model" / "fake.gguf")


@pytest.mark.parametrize("kind", ["gguf", "folder"])
def test_a_whole_model_is_known_without_reading_it(
    shelf: Shelf, kind: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    entry = request.getfixturevalue(kind)
    monkeypatch.setattr(verify_module, "sha256_of", lambda *_: pytest.fail("a file was hashed"))
    found = state(entry, shelf.models)
    assert (found.status, found.path) == (ModelStatus.PRESENT, entry.usable_path(shelf.models))


def test_a_file_cut_short_is_noticed(shelf: Shelf, gguf: ModelEntry) -> None:
    path = gguf.usable_path(shelf.models)
    os.truncate(path, 100)
    found = state(gguf, shelf.models)
    assert found.status is ModelStatus.DAMAGED
    assert found.reason == f"{path} has 100 bytes instead of 6,004"


def test_a_file_that_is_gone_is_noticed(shelf: Shelf, gguf: ModelEntry) -> None:
    gguf.usable_path(shelf.models).unlink()
    assert state(gguf, shelf.models).reason.endswith("fake.gguf is gone")


def test_every_file_of_a_folder_is_watched(shelf: Shelf, folder: ModelEntry) -> None:
    inner = folder.folder(shelf.models) / "1_Pooling" / "config.json"
    inner.write_text("{ }")
    assert state(folder, shelf.models).reason == f"{inner} has 3 bytes instead of 2"


@pytest.mark.parametrize(("kind", "name"), [("gguf", "fake.gguf"), ("folder", "1_Pooling/config.json")])
def test_verification_notices_a_byte_changed_in_secret(
    shelf: Shelf, kind: str, name: str, request: pytest.FixtureRequest
) -> None:
    entry = request.getfixturevalue(kind)
    path: Path = entry.folder(shelf.models) / name
    path.write_bytes(b"x" + path.read_bytes()[1:])
    assert state(entry, shelf.models).status is ModelStatus.PRESENT
    found = verify(entry, shelf.models)
    assert found.status is ModelStatus.DAMAGED
    assert f"{path} has changed" in found.reason
    assert state(entry, shelf.models).status is ModelStatus.DAMAGED  # from now on


@pytest.mark.parametrize("kind", ["gguf", "folder"])
def test_verification_accepts_a_whole_model_and_tells_how_many_bytes_it_has_read(
    shelf: Shelf, kind: str, request: pytest.FixtureRequest
) -> None:
    entry, told = request.getfixturevalue(kind), list[int]()
    assert verify(entry, shelf.models, told.append).status is ModelStatus.PRESENT
    assert sum(told) == (entry.size_bytes if kind == "gguf" else 4)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"files": 3}', '{"files": {"a": {}}, "sha256": "", "format": 1}']
)
def test_a_marker_that_makes_no_sense_is_no_marker(shelf: Shelf, folder: ModelEntry, content: str) -> None:
    (folder.folder(shelf.models) / MARKER).write_text(content)
    assert "has no complete model" in state(folder, shelf.models).reason


def test_a_model_made_from_other_weights_is_to_be_pulled_again(shelf: Shelf, folder: ModelEntry) -> None:
    marker = folder.folder(shelf.models) / MARKER
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"sha256": "0" * 64}))
    assert state(folder, shelf.models).status is ModelStatus.DAMAGED
