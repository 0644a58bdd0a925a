"""Documents given as bytes, kept safely at once and indexed in the background.

Bytes and row are on disk before an upload counts as accepted, so a crash loses nothing: what waits is
gone on with after the next start, and doing one twice is harmless, for equal bytes are the same document.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from index.catalog import Catalog
from index.errors import DocumentIdTaken, IndexingError, StoreUnavailable, UnreadableDocument
from index.origin import upload_id
from index.update import Indexer, Upload, is_stored
from service.errors import AnsweringError
from service.jobs import Job, Jobs, JobState, NewJob
from service.reception import Reception
from service.turns import TooBusy

UPLOADS_FOLDER = "uploads"
_MOST_WAITING = 1000
_MOST_WAITING_BYTES = 4_000_000_000
_MOST_RECEIVED_AT_ONCE = 16
_MOST_ATTEMPTS = 3
_LOOK_AGAIN_S = 5.0  # for what another process accepted, and after an error that may pass
_RETRY_AFTER_S = 10
STOP_S = 10.0  # a batch of passages takes a few seconds on two cores
_ABANDONED_AFTER_S = 3600  # no upload takes so long: what is older and has no row was left by a crash

_log = logging.getLogger(__name__)


class _Withdrawn(Exception):
    """The document was deleted while it was being read."""


class _Stopped(Exception):
    """The service ends; the job waits for the next start."""


class Uploads:
    """The uploads of one store. Safe to share; of several processes one at a time indexes."""

    def __init__(
        self, home: Path, catalog: Callable[[], Catalog], make_indexer: Callable[[], Indexer]
    ) -> None:
        """Opens nothing yet. make_indexer: called for each document, in the background."""
        self._folder = home / UPLOADS_FOLDER
        self._jobs = Jobs(self._folder / "jobs.sqlite")
        self._catalog = catalog
        self._make_indexer = make_indexer
        self._accepting = threading.Lock()
        self._storing = threading.Lock()  # held while a document comes into the store or is taken out
        self._receptions = threading.BoundedSemaphore(_MOST_RECEIVED_AT_ONCE)
        self._stopping = threading.Event()
        self._news = threading.Event()
        self._running: tuple[str, float] | None = None  # id and progress
        self._thread: threading.Thread | None = None

    # Taking documents in

    @contextmanager
    def receiving(self) -> Iterator[Reception]:
        """Where to write the bytes; whatever is not accepted is gone after. Raises TooBusy."""
        if not self._receptions.acquire(blocking=False):
            raise TooBusy("too many documents are being uploaded; try again in a few seconds", _RETRY_AFTER_S)
        try:
            reception = Reception(self._folder)
            try:
                yield reception
            finally:
                reception.discard()
        finally:
            self._receptions.release()

    def accept(self, reception: Reception, collection: str, key: str, name: str) -> Job:
        """The job that indexes what was received, on disk when this returns; DONE when nothing is to do.

        Raises TooBusy when too much waits already, StoreUnavailable.
        """
        new = NewJob(collection, key, name, reception.sha256, reception.size)
        ident = secrets.token_hex(16)
        with self._accepting:
            waiting = self._jobs.last_waiting(collection, key)
            if waiting:
                if (waiting.sha256, waiting.name) == (new.sha256, name):
                    return self._as_seen(waiting)
            elif is_stored(self._catalog(), upload_id(collection, key), name, new.sha256):
                return replace(self._jobs.add(ident, new, JobState.DONE), progress=1.0)
            self._require_room(new.size)
            reception.settle(self._bytes_of(ident))
            try:
                job = self._jobs.add(ident, new, JobState.QUEUED)
            except BaseException:
                self._bytes_of(ident).unlink(missing_ok=True)
                raise
        self._news.set()
        return job

    def find(self, ident: str) -> Job | None:
        """The job of this id, as far as it has come; finished ones for a week."""
        job = self._jobs.find(ident)
        return job and self._as_seen(job)

    def waiting_in(self, key: str) -> list[str]:
        """The collections that a document of this key is still to come into."""
        return self._jobs.collections_waiting(key)

    @contextmanager
    def withdrawing(self, collection: str, key: str) -> Iterator[bool]:
        """Ends what waits for this document, and keeps it out while inside; whether anything waited."""
        with self._storing:
            withdrawn = self._jobs.withdraw(collection, key, "the document was deleted before it was indexed")
            for ident in withdrawn:
                self._bytes_of(ident).unlink(missing_ok=True)
            yield bool(withdrawn)

    def _as_seen(self, job: Job) -> Job:
        running = self._running
        if running and running[0] == job.id and job.state is JobState.QUEUED:
            return replace(job, state=JobState.RUNNING, progress=running[1])
        return job

    def _require_room(self, size: int) -> None:
        count, total = self._jobs.waiting()
        if count >= _MOST_WAITING or total + size > _MOST_WAITING_BYTES:
            raise TooBusy(
                f"{count} documents wait to be indexed already; try again when some are done", _RETRY_AFTER_S
            )

    def _bytes_of(self, ident: str) -> Path:
        return self._folder / f"{ident}.bytes"

    # Indexing them

    def start(self) -> None:
        """Begins to index what waits, in a thread of its own, until `stop`; not after it."""
        if self._thread is None and not self._stopping.is_set():
            thread = threading.Thread(target=self._work, name="uploads", daemon=True)
            thread.start()
            self._thread = thread  # only now, for `stop` may come meanwhile and wait for it

    def wind_down(self) -> None:
        """Begins to end, after the passages that are just being embedded; uploads are still taken in."""
        self._stopping.set()
        self._news.set()

    def stop(self, timeout_s: float = STOP_S) -> None:
        """Winds down and waits for it; what is not finished waits for `start`."""
        self.wind_down()
        if self._thread is not None:
            self._thread.join(timeout_s)
        running = self._running
        if running:  # a slow batch, which the process takes with it; the document is not to blame
            with suppress(StoreUnavailable):
                self._jobs.give_back(running[0], "")
        self._jobs.close()

    def _work(self) -> None:
        lock = FileLock(self._folder / "worker.lock")
        while not self._stopping.is_set():
            try:
                if self._folder.exists():
                    with lock.acquire(timeout=0):
                        self._tidy()
                        while not self._stopping.is_set() and self._work_on_next():
                            pass
            except Timeout:
                pass  # another process indexes what this one accepts
            except (StoreUnavailable, OSError) as error:
                _log.error("uploads wait: %s", error)
            except Exception:  # the outermost edge of this thread
                _log.exception("uploads wait after an error of ours")
            self._news.wait(_LOOK_AGAIN_S)
            self._news.clear()

    def _work_on_next(self) -> bool:
        """Does the job that has waited longest; False when there is none, or it has to wait."""
        job = self._jobs.next()
        if job is None:
            return False
        if self._jobs.begin(job.id) >= _MOST_ATTEMPTS:
            self._end(job, JobState.FAILED, "the service ended each time it tried to read this document")
            return True
        self._running = (job.id, 0.0)
        try:
            self._index(job)
            self._end(job, JobState.DONE)
        except _Withdrawn:
            self._bytes_of(job.id).unlink(missing_ok=True)
        except _Stopped:
            self._jobs.give_back(job.id, "")
            return False
        except FileNotFoundError:
            self._end(job, JobState.FAILED, "its bytes are gone; send the document again")
        except DocumentIdTaken:
            self._end(job, JobState.FAILED, "another document has this id; upload it under another id")
        except UnreadableDocument as error:
            self._end(job, JobState.FAILED, str(error))
        except (IndexingError, AnsweringError, OSError) as error:  # may pass: a full disk, a busy store
            _log.error("an upload waits: %s", error)
            self._jobs.give_back(job.id, "the store or the model cannot be used just now; it is tried again")
            return False
        except Exception:
            if self._stopping.is_set():  # the store was closed under a batch that took too long
                self._jobs.give_back(job.id, "")
                return False
            _log.exception("an upload failed by an error of ours")
            self._end(job, JobState.FAILED, "an error of the service; its log says why")
        finally:
            self._running = None
        return True

    def _index(self, job: Job) -> None:
        data = self._bytes_of(job.id).read_bytes()
        done = 0

        def advance(n: int, total: int) -> None:
            nonlocal done
            done += n
            self._running = (job.id, done / total)
            if self._stopping.is_set():
                raise _Stopped

        upload = Upload(job.collection, job.key, job.name, data)
        self._make_indexer().index_bytes(upload, advance=advance, storing=self._while_wanted(job))

    @contextmanager
    def _while_wanted(self, job: Job) -> Iterator[None]:
        with self._storing:
            found = self._jobs.find(job.id)
            if found is None or found.state is not JobState.QUEUED:
                raise _Withdrawn
            yield

    def _end(self, job: Job, state: JobState, reason: str = "") -> None:
        self._jobs.finish(job.id, state, reason)
        self._bytes_of(job.id).unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Removes what a crash left between bytes and row."""
        for path in self._folder.iterdir():
            if path.suffix not in (".partial", ".bytes"):
                continue
            with suppress(FileNotFoundError):
                is_old = time.time() - path.stat().st_mtime > _ABANDONED_AFTER_S
                job = self._jobs.find(path.stem) if path.suffix == ".bytes" else None
                if is_old and (job is None or job.state is not JobState.QUEUED):
                    path.unlink()
