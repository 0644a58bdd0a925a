import json
import os
from pathlib import Path

import pytest

from service.models import verify as verify_module
from service.models.catalogue import Layout, ModelEntry
from service.models.verify import MARKER, ModelStatus, state, verify, write_marker
from tests.service.models.fake_models import PARTS, Shelf


@pytest.fixture
def gguf(shelf: Shelf) -> ModelEntry:
    """A whole model on disk, as a pull leaves it."""
    entry = shelf.entry()
    folder = entry.folder(shelf.models)
    folder.mkdir(parents=True)
    (folder / entry.artefact).write_bytes(b"".join(PARTS))
    write_marker(entry, folder)
    return entry


def test_a_model_that_was_never_pulled_is_missing(shelf: Shelf) -> None:
    entry = shelf.entry()
    found = state(entry, shelf.models)
    assert (found.status, found.path) == (ModelStatus.MISSING, shelf.models / "fake-model" / "fake.gguf")


def test_a_whole_model_is_known_without_reading_it(
    shelf: Shelf, gguf: ModelEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_module, "sha256_of", lambda *_: pytest.fail("the file was hashed again"))
    assert state(gguf, shelf.models).status is ModelStatus.PRESENT


def test_a_file_cut_short_is_noticed_without_hashing(
    shelf: Shelf, gguf: ModelEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = gguf.usable_path(shelf.models)
    os.truncate(path, 100)
    monkeypatch.setattr(verify_module, "sha256_of", lambda *_: pytest.fail("the file was hashed"))
    found = state(gguf, shelf.models)
    assert found.status is ModelStatus.DAMAGED
    assert found.reason == f"{path} has 100 bytes instead of 6,004"


def test_a_file_that_is_gone_is_noticed(shelf: Shelf, gguf: ModelEntry) -> None:
    gguf.usable_path(shelf.models).unlink()
    assert state(gguf, shelf.models).reason.endswith("fake.gguf is gone")


def test_a_copy_with_another_time_is_hashed_once_and_then_known(
    shelf: Shelf, gguf: ModelEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(gguf.usable_path(shelf.models), (1, 1))
    assert state(gguf, shelf.models).status is ModelStatus.PRESENT
    monkeypatch.setattr(verify_module, "sha256_of", lambda *_: pytest.fail("the file was hashed again"))
    assert state(gguf, shelf.models).status is ModelStatus.PRESENT


def test_a_file_altered_later_is_damaged(shelf: Shelf, gguf: ModelEntry) -> None:
    path = gguf.usable_path(shelf.models)
    path.write_bytes(b"x" * path.stat().st_size)
    os.utime(path, (1, 1))
    assert "has changed" in state(gguf, shelf.models).reason


def test_verification_notices_a_byte_changed_in_secret(shelf: Shelf, gguf: ModelEntry) -> None:
    path = gguf.usable_path(shelf.models)
    times = path.stat()
    path.write_bytes(b"x" + path.read_bytes()[1:])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert state(gguf, shelf.models).status is ModelStatus.PRESENT
    assert verify(gguf, shelf.models).status is ModelStatus.DAMAGED


def test_verification_tells_how_many_bytes_it_has_read(shelf: Shelf, gguf: ModelEntry) -> None:
    told: list[int] = []
    assert verify(gguf, shelf.models, told.append).status is ModelStatus.PRESENT
    assert sum(told) == gguf.size_bytes


def test_a_gguf_file_put_there_by_hand_is_accepted_after_verification(shelf: Shelf, gguf: ModelEntry) -> None:
    (gguf.folder(shelf.models) / MARKER).unlink()
    assert state(gguf, shelf.models).status is ModelStatus.DAMAGED
    assert verify(gguf, shelf.models).status is ModelStatus.PRESENT
    assert state(gguf, shelf.models).status is ModelStatus.PRESENT


def test_a_wrong_file_put_there_by_hand_is_not_accepted(shelf: Shelf, gguf: ModelEntry) -> None:
    (gguf.folder(shelf.models) / MARKER).unlink()
    gguf.usable_path(shelf.models).write_bytes(b"x" * gguf.size_bytes)
    assert "not the file of the catalogue" in verify(gguf, shelf.models).reason


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"files": 3}', '{"files": {"a": {}}, "sha256": "", "format": 1}']
)
def test_a_marker_that_makes_no_sense_is_no_marker(shelf: Shelf, gguf: ModelEntry, content: str) -> None:
    (gguf.folder(shelf.models) / MARKER).write_text(content)
    assert state(gguf, shelf.models).reason.endswith("holds no whole model")


def test_a_model_made_from_other_weights_is_to_be_pulled_again(shelf: Shelf, gguf: ModelEntry) -> None:
    marker = gguf.folder(shelf.models) / MARKER
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"sha256": "0" * 64}))
    assert "made from other weights" in state(gguf, shelf.models).reason


def test_every_file_of_a_folder_is_watched(shelf: Shelf) -> None:
    entry = shelf.entry(layout=Layout.ZIP)
    folder = entry.folder(shelf.models)
    (folder / "1_Pooling").mkdir(parents=True)
    inner: Path = folder / "1_Pooling" / "config.json"
    inner.write_text("{}")
    (folder / "modules.json").write_text("[]")
    write_marker(entry, folder)
    assert state(entry, shelf.models).path == folder
    inner.write_text("{ }")
    assert state(entry, shelf.models).reason == f"{inner} has 3 bytes instead of 2"
