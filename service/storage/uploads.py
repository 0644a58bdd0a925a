"""Store uploaded documents durably at once and index them in the background.

Bytes and row are one transaction, so a crash loses nothing: waiting uploads resume after the next start, and
indexing one twice is harmless, for equal bytes are the same document.
"""

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from filelock import FileLock, Timeout

from index.errors import DocumentIdTaken, IndexingError, StoreUnavailable, UnreadableDocument
from index.indexing.indexer import Indexer, Upload, is_stored
from index.store import Catalog
from service.errors import AnsweringError
from service.question_queue.fair_queue import TooBusy
from service.storage.jobs import Job, Jobs, JobState

_MAX_WAITING = 1000
_MAX_WAITING_BYTES = 4_000_000_000
_MAX_CONCURRENT = 16  # uploads being received
_MAX_ATTEMPTS = 3
_PIECE_BYTES = 1 << 20  # of an upload, in memory at a time
_CHECK_EVERY_S = 5.0  # to find uploads accepted by another process, and to retry after a transient error
_RETRY_AFTER_S = 10
STOP_S = 10.0  # a batch of passages takes a few seconds on two cores

_log = logging.getLogger(__name__)


class _Cancelled(Exception):
    """Deletion of the document while it was being indexed."""


class _Stopped(Exception):
    """Shutdown of the service; the job waits for the next start."""


class ReceivedBytes:
    """The bytes of an upload as they arrive, in an unnamed file that vanishes unless they are accepted."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the bytes so far."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Append bytes. Raises StoreUnavailable, such as for a full disk."""
        with _disk_errors():
            self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def pieces(self) -> Iterator[bytes]:
        """Yield all bytes, piece by piece. Raises StoreUnavailable."""
        with _disk_errors():
            self._file.seek(0)
            while piece := self._file.read(_PIECE_BYTES):
                yield piece


class Uploads:
    """The uploads of one store. Thread-safe; of several processes, one at a time indexes."""

    def __init__(
        self, home: Path, catalog: Callable[[], Catalog], make_indexer: Callable[[], Indexer]
    ) -> None:
        """Defer opening the files to first use. make_indexer: called for each document, in the background."""
        self._home = home
        self._jobs = Jobs(home)
        self._catalog = catalog
        self._make_indexer = make_indexer
        self._accepting = threading.Lock()
        self._storing = threading.Lock()  # held while a document is added to the store or deleted from it
        self._receiving = threading.BoundedSemaphore(_MAX_CONCURRENT)
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._running: tuple[str, float] | None = None  # id and progress
        self._thread: threading.Thread | None = None

    # Receiving documents

    @contextmanager
    def receiving(self) -> Iterator[ReceivedBytes]:
        """Yield a place for the bytes. Raises TooBusy, StoreUnavailable."""
        if not self._receiving.acquire(blocking=False):
            raise TooBusy("too many documents are being uploaded; try again in a few seconds", _RETRY_AFTER_S)
        try:
            with _disk_errors():
                self._home.mkdir(parents=True, exist_ok=True)
                file = TemporaryFile(dir=self._home)  # noqa: SIM115  closed below
            with file:
                yield ReceivedBytes(file)
        finally:
            self._receiving.release()

    def accept(self, received: ReceivedBytes, collection: str, key: str, name: str) -> Job:
        """Queue a received document and return its job, on disk by then; DONE if it is already stored.

        Raises TooBusy when too many wait already, StoreUnavailable.
        """
        job = Job(secrets.token_hex(16), collection, key, name, received.sha256, JobState.QUEUED)
        with self._accepting:
            waiting = self._jobs.last_waiting(collection, key)
            if waiting:
                if (waiting.sha256, waiting.name) == (job.sha256, name):
                    return self._with_progress(waiting)
            elif is_stored(self._catalog(), job.document_id, name, job.sha256):
                job = replace(job, state=JobState.DONE, progress=1.0)
                self._jobs.add(job, received.size)
                return job
            self._require_room(received.size)
            self._jobs.add(job, received.size, received.pieces())
        self._wake.set()
        return job

    def find(self, ident: str) -> Job | None:
        """Return the job with this id and its progress; finished jobs are stored for a week."""
        job = self._jobs.find(ident)
        return job and self._with_progress(job)

    def waiting_in(self, key: str) -> list[str]:
        """Return the collections in which an upload with this key waits."""
        return self._jobs.collections_waiting(key)

    @contextmanager
    def cancelling(self, collection: str, key: str) -> Iterator[None]:
        """Cancel the document's waiting uploads, and store none during the block."""
        with self._storing:
            self._jobs.cancel(collection, key, "the document was deleted before it was indexed")
            yield

    def _with_progress(self, job: Job) -> Job:
        running = self._running
        if running and running[0] == job.id and job.state is JobState.QUEUED:
            return replace(job, state=JobState.RUNNING, progress=running[1])
        return job

    def _require_room(self, size: int) -> None:
        count, total = self._jobs.waiting()
        if count >= _MAX_WAITING or total + size > _MAX_WAITING_BYTES:
            raise TooBusy(
                f"{count} documents wait to be indexed already; try again when some are done", _RETRY_AFTER_S
            )

    # Indexing documents

    def start(self) -> None:
        """Start indexing in a background thread, until `stop`. Does nothing after that."""
        if self._thread is None and not self._stopping.is_set():
            thread = threading.Thread(target=self._work, name="uploads", daemon=True)
            thread.start()
            self._thread = thread  # only once it runs, for a concurrent `stop` may join it

    def wind_down(self) -> None:
        """Stop indexing after the current batch of passages, without waiting; uploads are still accepted."""
        self._stopping.set()
        self._wake.set()

    def stop(self, timeout_s: float = STOP_S) -> None:
        """Wind down and wait for the thread; unfinished jobs wait for the next start."""
        self.wind_down()
        if self._thread is not None:
            self._thread.join(timeout_s)
        running = self._running
        if running:  # a slow batch that dies with the process; the document is not to blame
            with suppress(StoreUnavailable):
                self._jobs.requeue(running[0])
        self._jobs.close()

    def _work(self) -> None:
        lock = FileLock(self._home / "uploads.lock")
        while not self._stopping.is_set():
            try:
                if self._jobs.exists():
                    with lock.acquire(timeout=0):
                        self._process_waiting()
            except Timeout:
                pass  # another process indexes what this one accepts
            except (StoreUnavailable, OSError) as error:
                _log.error("uploads wait: %s", error)
            except Exception:  # the outermost edge of this thread
                _log.exception("uploads wait after an error of ours")
            self._wake.wait(_CHECK_EVERY_S)
            self._wake.clear()

    def _process_waiting(self) -> None:
        n_done = 0
        while not self._stopping.is_set() and self._process_next():
            n_done += 1
        if n_done:
            self._jobs.scrub()

    def _process_next(self) -> bool:
        """Process the job that has waited longest; return False if there is none, or it has to wait."""
        job = self._jobs.next()
        if job is None:
            return False
        if self._jobs.begin(job.id) >= _MAX_ATTEMPTS:
            reason = "the service ended each time it tried to read this document"
            self._jobs.finish(job.id, JobState.FAILED, reason)
            return True
        self._running = (job.id, 0.0)
        try:
            self._index(job)
            self._jobs.finish(job.id, JobState.DONE)
        except _Cancelled:
            pass
        except Exception as error:
            if self._stopping.is_set():  # between two batches, or the store was closed during a slow one
                self._jobs.requeue(job.id)
                return False
            failure = _permanent_failure(error)
            if failure is None:
                _log.error("an upload waits: %s", error)
                reason = "the store or the model cannot be used just now; it is tried again"
                self._jobs.requeue(job.id, reason)
                return False
            self._jobs.finish(job.id, JobState.FAILED, failure)
        finally:
            self._running = None
        return True

    def _index(self, job: Job) -> None:
        upload = Upload(job.collection, job.key, job.name, self._jobs.read_bytes(job.id))
        done = 0

        def advance(n: int, total: int) -> None:
            nonlocal done
            done += n
            self._running = (job.id, done / total)
            if self._stopping.is_set():
                raise _Stopped

        self._make_indexer().index_bytes(upload, advance=advance, storing=self._unless_cancelled(job))

    @contextmanager
    def _unless_cancelled(self, job: Job) -> Iterator[None]:
        with self._storing:
            found = self._jobs.find(job.id)
            if found is None or found.state is not JobState.QUEUED:
                raise _Cancelled
            yield


def _permanent_failure(error: Exception) -> str | None:
    """Return why a document cannot be indexed; None for a transient error: a full disk, a busy store."""
    match error:
        case DocumentIdTaken():
            return "another document has this id; upload it under another id"
        case UnreadableDocument():
            return str(error)
        case IndexingError() | AnsweringError() | OSError():
            return None
    _log.error("an upload failed by an error of ours", exc_info=error)
    return "internal error; see the log of the service"


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"an upload cannot be stored ({error.strerror or error})") from error
