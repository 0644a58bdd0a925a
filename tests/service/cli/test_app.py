import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.cli import main
from service.cli.output import visible
from tests.service.cli.conftest import COMMAND, Run, environment
from tests.service.conftest import World

HEAVY = (
    "torch faiss numpy llama_cpp sentence_transformers tantivy kiwipiepy transformers pydantic rich".split()
)


def test_help_lists_every_command(run: Run) -> None:
    result = run("--help")
    assert result.code == 0
    for command in "ask search index reembed status list show remove config doctor models".split():
        assert f"\n  {command} " in result.out


@pytest.mark.parametrize(
    "command", "ask search index reembed status list show remove config doctor models".split()
)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert (result.code, result.err) == (0, "")
    assert "Usage: inyong" in result.out


def test_help_imports_no_heavy_library(tmp_path: Path) -> None:
    script = (
        "import sys; from service.cli import main; sys.argv = ['inyong', '--help']\n"
        "try: main()\n"
        f"except SystemExit: print(sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=environment(tmp_path),
    )
    assert done.stderr.strip() == "[]"


def test_the_installed_command_prints_its_version(run_process: Run) -> None:
    result = run_process("--version")
    assert result.code == 0
    assert result.out.startswith("inyong ")


@pytest.mark.parametrize(
    "arguments",
    [("bogus",), ("ask",), ("search",), ("index",), ("ask", "x", "--lang", "fr"), ("ask", "--nope")],
)
def test_a_mistaken_command_line_is_a_usage_error(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert "Error: " in result.err
    assert "Traceback" not in result.err


def test_a_bad_setting_is_a_usage_error_that_names_it(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INYONG_K", "many")
    result = run("status")
    assert result.code == 2
    assert result.complaint() == "k is 'many' (from INYONG_K); it must be a whole number"


def test_an_error_of_ours_is_not_hidden(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.inyong.Inyong.documents", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("list")


def test_an_unforeseen_error_of_the_system_is_one_line(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object) -> None:
        raise PermissionError(13, "Permission denied", "store.sqlite")

    monkeypatch.setattr("service.inyong.Inyong.documents", fail)
    result = run("list")
    assert result.code == 1
    assert result.complaint() == "[Errno 13] Permission denied: 'store.sqlite'"


def test_an_interruption_says_that_nothing_is_lost(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("service.inyong.Inyong.documents", interrupt)
    result = run("list")
    assert result.code == 130
    assert result.complaint().startswith("interrupted; nothing that was finished is lost")


def test_a_reader_that_goes_away_is_no_error(world: World, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "show", "library.md"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path, world.settings.home),
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    error = process.stderr.read().decode()
    process.stderr.close()
    process.wait(60)
    assert error == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line(world: World, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "status"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment(tmp_path, world.settings.home),
        )
    assert "Traceback" not in done.stderr
    assert "the disk is full" in done.stderr
    assert done.returncode != 0


def test_ctrl_c_ends_a_real_process_with_130_though_a_thread_still_loads(
    world: World, tmp_path: Path
) -> None:
    script = (
        "import signal, sys, time; from concurrent.futures import ThreadPoolExecutor\n"
        "from service.cli import main; from service.inyong import Inyong\n"
        # A shell starts background jobs deaf to Ctrl-C, and children inherit that.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def load(self):\n"
        "    ThreadPoolExecutor(1).submit(time.sleep, 60); print('ready', flush=True); time.sleep(60)\n"
        "Inyong.documents = load\n"
        "sys.argv = ['inyong', 'list']; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path, world.settings.home),
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    try:
        _, error = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert error.decode().startswith("inyong: interrupted; ")
    assert "Traceback" not in error.decode()


def test_text_that_standard_output_cannot_show_is_no_error(world: World, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "show", "library.md"],
        capture_output=True,
        check=False,
        env=environment(tmp_path, world.settings.home) | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"350" in done.stdout


def test_control_characters_are_shown_as_pictures() -> None:
    assert visible("\x1b[31m빨강\x07\x7f\x9b\r") == "␛[31m빨강␇␡\ufffd␍"
    assert visible("탭\t줄\n") == "탭\t줄\n"


def test_main_reads_the_arguments_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["inyong"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "Usage: inyong" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("filename", "place"), [(None, ""), ("runs/a/questions.jsonl", "runs/a/questions.jsonl: ")]
)
def test_a_full_disk_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, filename: str | None, place: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", filename)

    monkeypatch.setattr("service.cli.installation.read_settings", fail)
    result = run("config")
    assert result.code == 1
    assert result.err == f"inyong: {place}the disk is full; make room, then run the same command again\n"
