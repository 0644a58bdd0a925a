"""Uploads: accepted means kept, indexed in the background, in order, and never twice."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from index.errors import StoreUnavailable
from index.indexing.indexer import Upload
from index.indexing.origin import upload_id
from index.store import Catalog
from service.inyong import Inyong
from service.question_queue.fair_queue import TooBusy
from service.storage import uploads as uploads_module
from service.storage.jobs import UPLOADS_FILE, Job, JobState
from service.storage.uploads import Uploads
from tests.fakes import HashEmbedder
from tests.service.conftest import World

SOON_S = 20.0
CRANE = "# 두루미\n\n두루미 서식지는 강변이다.\n".encode()


@dataclass(slots=True)
class Desk:
    """A store and its uploads, not yet started."""

    home: Path
    inyong: Inyong
    uploads: Uploads

    def give(
        self, data: bytes = CRANE, *, key: str = "crane", collection: str = "town", name: str = "crane.md"
    ) -> Job:
        with self.uploads.receiving() as received:
            received.write(data[:7])
            received.write(data[7:])
            return self.uploads.accept(received, collection, key, name)

    def job(self, job: Job) -> Job:
        found = self.uploads.find(job.id)
        assert found is not None
        return found

    def ended(self, job: Job) -> Job:
        wait_for(lambda: self.job(job).state in (JobState.DONE, JobState.FAILED))
        wait_for(lambda: self.uploads._running is None or self.uploads._running[0] != job.id)  # tidied up too
        return self.job(job)

    def text(self, collection: str = "town", key: str = "crane") -> str:
        return self.inyong.text(upload_id(collection, key))

    def left(self) -> list[str]:
        """Jobs whose bytes are stored."""
        return jobs_with_bytes(self.home)


def jobs_with_bytes(home: Path) -> list[str]:
    if not (home / UPLOADS_FILE).exists():
        return []
    with closing(sqlite3.connect(home / UPLOADS_FILE)) as connection:
        return [row[0] for row in connection.execute("SELECT DISTINCT job_id FROM pieces")]


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON_S
    while not is_so():
        assert time.monotonic() < end, "took too long"
        time.sleep(0.01)


def open_desk(world: World) -> Desk:
    inyong = Inyong(settings=world.settings, may_be_empty=True)
    return Desk(world.settings.home, inyong, Uploads(world.settings.home, inyong.catalog, inyong.indexer))


def assert_indexed_after_restart(world: World, job: Job) -> None:
    again = open_desk(world)
    again.uploads.start()
    assert again.ended(job).state is JobState.DONE
    assert "두루미" in again.text()
    again.uploads.stop()
    again.inyong.close()


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(uploads_module, "_CHECK_EVERY_S", 0.05)
    made = open_desk(world)
    yield made
    made.uploads.stop()
    made.inyong.close()


def test_an_upload_is_found_by_a_search_once_its_job_is_done(desk: Desk) -> None:
    desk.uploads.start()
    job = desk.give()
    assert (job.state, job.progress) == (JobState.QUEUED, 0.0)
    ended = desk.ended(job)
    assert (ended.state, ended.progress, ended.reason) == (JobState.DONE, 1.0, "")
    hit = desk.inyong.search("두루미 서식지")[0]
    assert (hit.document_id, hit.source, hit.collection) == (job.document_id, "crane.md", "town")
    assert desk.left() == []


def test_what_was_accepted_is_indexed_after_a_crash(desk: Desk, world: World) -> None:
    job = desk.give()  # and the process is gone before its thread ever ran
    assert_indexed_after_restart(world, job)


def test_a_crash_between_storing_and_noting_it_does_no_harm(desk: Desk) -> None:
    job = desk.give()
    desk.uploads._index(job)  # stored, and the process is gone
    last = desk.inyong.catalog().last_change()
    desk.uploads.start()
    assert desk.ended(job).state is JobState.DONE
    assert (desk.inyong.catalog().last_change(), desk.left()) == (last, [])


def test_a_document_that_ends_the_service_is_not_tried_for_ever(desk: Desk) -> None:
    job = desk.give()
    for _ in range(3):
        desk.uploads._jobs.begin(job.id)
    desk.uploads.start()
    assert "ended each time" in desk.ended(job).reason


def test_an_upload_that_is_not_accepted_leaves_nothing(desk: Desk) -> None:
    def give_up() -> None:
        with desk.uploads.receiving() as received:
            received.write(CRANE)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        give_up()
    assert desk.left() == []


def test_the_same_bytes_again_are_done_at_once(desk: Desk) -> None:
    desk.uploads.start()
    desk.ended(desk.give())
    again = desk.give()
    assert (again.state, desk.job(again).state, desk.left()) == (JobState.DONE, JobState.DONE, [])


def test_the_same_bytes_while_they_wait_are_the_same_job(desk: Desk) -> None:
    first = desk.give()
    assert desk.give().id == first.id
    assert len(desk.left()) == 1


def test_old_bytes_behind_waiting_new_ones_are_not_taken_for_stored(desk: Desk) -> None:
    desk.uploads.start()
    desk.ended(desk.give())
    desk.uploads._stopping.set()
    assert desk.uploads._thread is not None
    desk.uploads._thread.join(SOON_S)
    newer = desk.give("둘째 판이다.".encode())
    older = desk.give()
    assert (newer.state, older.state) == (JobState.QUEUED, JobState.QUEUED)


def test_of_concurrent_uploads_of_one_document_the_last_accepted_stays(desk: Desk) -> None:
    desk.uploads.start()
    jobs: list[Job] = []
    lock = threading.Lock()

    def give(n: int) -> None:
        job = desk.give(f"{n}째 판이다.".encode())
        with lock:
            jobs.append(job)

    threads = [threading.Thread(target=give, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for job in jobs:
        assert desk.ended(job).state is JobState.DONE
    documents = [d for d in desk.inyong.documents() if d.source == "crane.md"]
    assert len(documents) == 1
    last = desk.uploads._jobs._one("1 ORDER BY number DESC")
    assert last is not None
    assert documents[0].sha256 == last.sha256


def test_a_file_that_cannot_be_read_fails_alone_and_says_why(desk: Desk) -> None:
    desk.uploads.start()
    bad, good = desk.give(b"\x00\x01\x02" * 99, key="bad", name="bad.txt"), desk.give()
    assert desk.ended(bad).state is JobState.FAILED
    assert desk.job(bad).reason
    assert desk.ended(good).state is JobState.DONE
    assert desk.left() == []


def test_an_error_of_ours_fails_one_upload_and_not_the_thread(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(desk.uploads, "_make_indexer", fail)
        desk.uploads.start()
        assert "internal error" in desk.ended(desk.give(key="bad")).reason
    assert desk.ended(desk.give()).state is JobState.DONE


def test_a_store_that_cannot_be_used_for_a_while_only_delays(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, failures = desk.uploads._make_indexer, iter(range(3))

    def make_in_the_end() -> object:
        if next(failures, None) is not None:
            raise StoreUnavailable("/secret/place/store.sqlite: the disk is full")
        return make()

    monkeypatch.setattr(desk.uploads, "_make_indexer", make_in_the_end)
    job = desk.give()
    assert not desk.uploads._process_next()
    assert (desk.job(job).state, "secret" in desk.job(job).reason) == (JobState.QUEUED, False)
    assert "tried again" in desk.job(job).reason
    desk.uploads.start()
    assert desk.ended(job).state is JobState.DONE


def test_an_upload_whose_id_is_taken_fails_and_holds_up_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.uploads.start()
    desk.ended(desk.give())
    taken = upload_id("town", "crane")
    monkeypatch.setattr(Upload, "id", property(lambda upload: taken if upload.key == "heron" else upload.key))
    job, next_one = (
        desk.give(key="heron", data="왜가리".encode()),
        desk.give(key="egret", data="백로".encode()),
    )
    assert (desk.ended(job).state, desk.ended(next_one).state) == (JobState.FAILED, JobState.DONE)
    assert "another id" in desk.job(job).reason
    assert "두루미" in desk.text()


def test_a_cancelled_upload_never_comes_into_the_store(desk: Desk) -> None:
    job = desk.give()
    with desk.uploads.cancelling("town", "crane"):
        assert desk.left() == []
    desk.uploads.start()
    assert desk.ended(job).state is JobState.FAILED
    assert (desk.text(), desk.left()) == ("", [])


def test_an_upload_cancelled_while_it_is_read_stays_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    job = desk.give()
    embed = HashEmbedder.embed_passages

    def cancel_first(*arguments: Any) -> Any:
        with desk.uploads.cancelling("town", "crane"):
            assert desk.left() == []
        return embed(*arguments)

    monkeypatch.setattr(HashEmbedder, "embed_passages", cancel_first)
    desk.uploads.start()
    assert desk.ended(job).state is JobState.FAILED
    wait_for(lambda: desk.uploads._running is None)
    assert (desk.text(), desk.left()) == ("", [])


def test_stopping_leaves_what_is_running_for_the_next_start(desk: Desk, world: World) -> None:
    job = desk.give()
    desk.uploads._stopping.set()
    assert not desk.uploads._process_next()
    assert (desk.job(job).state, desk.job(job).attempts, desk.text()) == (JobState.QUEUED, 0, "")


def test_a_batch_that_takes_too_long_is_left_at_the_stop_and_resumed(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, began = threading.Event(), threading.Event()
    embed = HashEmbedder.embed_passages

    def slow(self: HashEmbedder, *arguments: Any, **named: Any) -> Any:
        began.set()
        assert may_go_on.wait(SOON_S)
        return embed(self, *arguments, **named)

    monkeypatch.setattr(HashEmbedder, "embed_passages", slow)
    job = desk.give()
    desk.uploads.start()
    assert began.wait(SOON_S)
    before = time.monotonic()
    desk.uploads.stop(timeout_s=0.2)
    desk.inyong.close()
    assert time.monotonic() - before < 20
    assert (desk.job(job).attempts, desk.uploads._jobs.find(job.id)) == (0, replace(job, attempts=0))
    may_go_on.set()
    assert desk.uploads._thread is not None
    desk.uploads._thread.join(SOON_S)
    assert_indexed_after_restart(world, job)


def test_a_running_job_says_how_far_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    job = desk.give()
    seen: list[Job] = []
    make = desk.uploads._make_indexer

    def look() -> object:
        seen.append(desk.job(job))
        return make()

    monkeypatch.setattr(desk.uploads, "_make_indexer", look)
    desk.uploads.start()
    desk.ended(job)
    assert [(found.state, found.progress) for found in seen] == [(JobState.RUNNING, 0.0)]


def test_the_queue_is_bounded_in_jobs_and_bytes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_module, "_MAX_WAITING", 1)
    desk.give()
    with pytest.raises(TooBusy):
        desk.give(key="another")
    monkeypatch.setattr(uploads_module, "_MAX_WAITING", 9)
    monkeypatch.setattr(uploads_module, "_MAX_WAITING_BYTES", len(CRANE) * 2 - 1)
    with pytest.raises(TooBusy):
        desk.give(key="another")
    assert len(desk.left()) == 1


def test_so_many_are_received_at_once_and_no_more(desk: Desk) -> None:
    with ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(desk.uploads.receiving())
        with pytest.raises(TooBusy), desk.uploads.receiving():
            pass
    with desk.uploads.receiving():
        pass


def test_a_full_disk_is_told_in_words_and_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads_module, "TemporaryFile", fail)
    with pytest.raises(StoreUnavailable, match="No space left"):
        desk.give()
    assert desk.left() == []


def test_a_large_upload_is_stored_in_pieces_and_its_space_is_given_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_module, "_PIECE_BYTES", 1000)
    data = "".join(f"두루미 {n}째 서식지는 강변이다.\n" for n in range(5000)).encode()
    job = desk.give(data)
    file = desk.home / UPLOADS_FILE
    assert desk.uploads._jobs.read_bytes(job.id) == data
    desk.uploads._jobs.scrub()
    assert file.stat().st_size > len(data)
    with desk.uploads.cancelling("town", "crane"):
        pass
    desk.uploads._jobs.scrub()
    assert (desk.left(), file.stat().st_size < 100_000) == ([], True)


def test_an_unknown_job_is_none(desk: Desk) -> None:
    assert desk.uploads.find("nothing") is None
    assert not (desk.home / UPLOADS_FILE).exists()


def test_only_one_process_indexes(desk: Desk, world: World) -> None:
    other = open_desk(world)
    desk.uploads.start()
    other.uploads.start()
    jobs = [desk.give(f"{n}째 글이다.".encode(), key=f"k{n}") for n in range(5)]
    for job in jobs:
        assert other.ended(job).state is JobState.DONE
    assert isinstance(other.inyong.catalog(), Catalog)
    assert other.inyong.catalog().counts()[0] == 7
    other.uploads.stop()
    other.inyong.close()


# The process is killed, as by a power cut

_KILLED = """
import os, signal, sys
from pathlib import Path
from service import wiring
from service.inyong import Inyong
from service.settings import Settings
from service.storage.uploads import Uploads
from tests.fakes import HashEmbedder

home, moment = Path(sys.argv[1]), sys.argv[2]

class Killing(HashEmbedder):
    def embed_passages(self, *arguments):
        os.kill(os.getpid(), signal.SIGKILL)

wiring.load_embedder = lambda settings: Killing()
settings = Settings(home=home, passage_least=20, passage_most=60)
inyong = Inyong(settings=settings, may_be_empty=True)
uploads = Uploads(home, inyong.catalog, inyong.indexer)
with uploads.receiving() as received:
    received.write("# 두루미\\n\\n두루미 서식지는 강변이다.\\n".encode())
    if moment == "receiving":
        received._file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    job = uploads.accept(received, "town", "crane", "crane.md")
print(job.id, flush=True)
if moment == "accepted":
    os.kill(os.getpid(), signal.SIGKILL)
uploads.start()
uploads._thread.join(60)
"""


@pytest.mark.parametrize("moment", ["receiving", "accepted", "indexing"])
def test_a_kill_loses_nothing_that_was_accepted(desk: Desk, world: World, moment: str) -> None:
    root = Path(__file__).parents[3]
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(desk.home), moment],
        capture_output=True,
        check=False,
        text=True,
        timeout=SOON_S * 3,
        env=os.environ | {"PYTHONPATH": str(root), "INYONG_HOME": str(desk.home)},
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    desk.uploads.start()
    if moment == "receiving":  # never accepted: no job, and the half is tidied up in time
        assert killed.stdout == ""
        assert desk.text() == ""
        return
    wait_for(lambda: desk.text() != "")
    found = desk.uploads.find(killed.stdout.strip())
    assert found is not None
    assert desk.ended(found).state is JobState.DONE
    assert desk.left() == []
