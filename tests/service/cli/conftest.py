"""The command line as people meet it: arguments in; exit code, standard output and error out."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.cli import main
from tests.service.conftest import World

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from service.cli import main; main()"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def complaint(self) -> str:
        """The one sentence about a user's mistake."""
        assert "Traceback" not in self.err
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("inyong: ")
        return line.removeprefix("inyong: ")


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process, where models can be replaced by fakes."""

    def run(*arguments: str, stdin: str = "") -> Result:
        monkeypatch.setattr("service.cli._leave_at_once", sys.exit)  # an interrupt would take the tests along
        monkeypatch.setattr(sys, "argv", ["inyong", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return run


@pytest.fixture
def run_process(tmp_path: Path) -> Run:
    """Runs a command as a process of its own, without models, in an empty folder."""

    def run(*arguments: str, stdin: bytes = b"", home: Path | None = None) -> Result:
        done = subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=60,
            cwd=tmp_path,
            env=environment(tmp_path, home),
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def environment(folder: Path, home: Path | None = None) -> dict[str, str]:
    """Variables of a process that finds this project, and no models."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INYONG_")}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "INYONG_MODELS": str(folder / "no-models"),
        "INYONG_HOME": str(home or folder / "home"),
    }


@pytest.fixture
def answering(world: World) -> World:
    """A world whose model answers the question about the budget."""
    world.script("예산은 350억 원이 들었다.")
    return world


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a store would be; the working folder is another, and nothing of Slack is set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INYONG_HOME", str(tmp_path / "home"))
    for variable in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "INYONG_SLACK_API_URL"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "home"
