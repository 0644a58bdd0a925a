"""The folder of a run being written: locked, initialised once, and resumed only by the same run."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from eval.datasets.questions import save_questions
from eval.errors import BadRun
from eval.runs.manifest import differing_identity
from eval.runs.files import (
    DOCUMENTS,
    MANIFEST,
    PREDICTIONS,
    QUESTIONS,
    drop_torn_line,
    load_manifest,
    write_json,
)
from eval.runs.request import RunRequest
from eval.types import Question

LOCK = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the folder against other processes. It is created, and removed again if left empty."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadRun(f"{folder}: cannot be made ({error.strerror}); name another folder with -o") from error
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BadRun(
            f"{folder}: another process is running in it; wait for it, or name another folder with -o"
        ) from None
    except OSError as error:
        raise BadRun(
            f"{folder}: cannot be written to ({error.strerror}); name another folder with -o"
        ) from error
    try:
        yield
    finally:
        if not (folder / MANIFEST).exists():
            (folder / LOCK).unlink(missing_ok=True)
        lock.release()
        if not any(folder.iterdir()):
            folder.rmdir()


def check_folder(request: RunRequest) -> None:
    """Raise BadRun if the folder holds a run that is not to be resumed, or anything else."""
    folder = request.folder
    if (folder / MANIFEST).exists():
        if not request.resume:
            raise BadRun(f"{folder}: holds a run; go on with it by --resume, or name another folder with -o")
        load_manifest(folder)
        return
    others = sorted(path.name for path in folder.iterdir() if path.name != LOCK)
    if others:
        raise BadRun(
            f"{folder}: holds {others[0]} but no {MANIFEST}, so it is no run or a half-written one; "
            "name another folder with -o"
        )


def begin(folder: Path, manifest: Mapping[str, Any], questions: Sequence[Question]) -> None:
    """Write manifest and questions before the first answer; on resuming, check that the run is the same."""
    if (folder / MANIFEST).exists():
        changed = differing_identity(load_manifest(folder), manifest)
        if changed:
            reason = "; ".join(f"{key} was {then!r} and is {now!r}" for key, (then, now) in changed.items())
            raise BadRun(f"{folder}: cannot be resumed: {reason}; name another folder with -o")
        for name in (PREDICTIONS, DOCUMENTS):
            drop_torn_line(folder / name)
        return
    save_questions(folder / QUESTIONS, questions)
    for name in (DOCUMENTS, PREDICTIONS):
        (folder / name).touch()
    write_json(folder / MANIFEST, manifest)  # last, so that a manifest implies the rest


@contextmanager
def appending(path: Path) -> Iterator[BinaryIO]:
    """Open the file for appending whole lines. Raises BadRun if a write fails; earlier lines remain."""
    try:
        with path.open("ab", buffering=0) as file:
            yield file
    except OSError as error:
        drop_torn_line(path)
        raise BadRun(
            f"{path}: cannot be written ({error.strerror or error}); what was written is kept, "
            f"mend that and go on with: --resume -o {path.parent}"
        ) from error
