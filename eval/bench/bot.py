"""An `inyong slack` subprocess connected to a local Slack server, which can be killed and restarted."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

from tests.slack_server import SlackServer

_INYONG = [sys.executable, "-c", "from service.cli import main; main()"]
_LONGEST_START_S = 600.0
_LONGEST_END_S = 60.0


class Bot:
    """The subprocess, restartable any number of times. folder: its working directory, with slack.toml."""

    def __init__(
        self, slack: SlackServer, home: Path, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._slack = slack
        self._home = home
        self._folder = folder
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]),
            **slack.environment(),
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._told: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end of the block
        self.n_starts = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._told.close()

    @property
    def process(self) -> psutil.Process:
        """The running process."""
        assert self._process
        return psutil.Process(self._process.pid)

    @property
    def told(self) -> str:
        """Its output on standard error, over all starts."""
        return os.pread(self._told.fileno(), 10_000_000, 0).decode("utf-8", "replace")

    def start(self) -> float:
        """Start it and return the seconds until it is connected. Raises SystemExit if it fails to connect."""
        began, before = time.monotonic(), self._slack.n_connected
        self.n_starts += 1
        self._process = subprocess.Popen(  # noqa: S603
            [*_INYONG, "slack", "--home", str(self._home)],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=self._told,
        )
        while self._slack.n_connected == before:
            if self._process.poll() is not None:
                raise SystemExit(f"inyong slack ended with {self._process.returncode}:\n{self.told[-4000:]}")
            if time.monotonic() - began > _LONGEST_START_S:
                self.kill()
                raise SystemExit(f"inyong slack did not connect:\n{self.told[-4000:]}")
            time.sleep(0.02)
        return time.monotonic() - began

    def kill(self) -> None:
        """Kill it without warning, like a crash."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Terminate it and return its exit code, 0 if it had already ended."""
        assert self._process
        if self._process.poll() is not None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(_LONGEST_END_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
