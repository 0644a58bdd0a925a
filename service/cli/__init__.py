"""The `inyong` command: one thin function a command, one place where errors become exit codes."""

import errno
import io
import os
import sys
from typing import NoReturn


def main() -> None:
    """Runs the command line; exits 0 done, 1 failed, 2 usage, 3 withheld, 130 interrupted."""
    # Nothing at run time needs the network, and warnings of libraries are not for users.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # A name or question that is not valid Unicode is no reason to fail.
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    from service.cli.app import add_installed_commands, app
    from service.cli.output import complain

    add_installed_commands(app)
    try:
        app(prog_name="inyong")
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            complain("interrupted; nothing that was finished is lost")
            _leave_at_once(_INTERRUPTED)
        raise
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        complain(_in_words(error))
        sys.exit(code)


def _leave_at_once(code: int) -> NoReturn:
    """Ends the process without waiting for threads that load or compute; nothing of theirs is to be kept."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _in_words(error: Exception) -> str:
    """What the user reads; a full disk says so, for its own error often names no file."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}the disk is full; make room, then run the same command again"
    return str(error)


_INTERRUPTED = 130  # what typer makes of Ctrl-C


def _exit_code(error: Exception) -> int | None:
    """The exit code of an error that the user can mend; None for one that is ours."""
    from index.errors import IndexingError
    from service.errors import AnsweringError, BadQuestion, BadSetting

    if isinstance(error, BadQuestion | BadSetting):
        return 2
    own: int | None = getattr(error, "exit_code", None)  # errors of installed commands bring theirs
    if own is not None:
        return own
    # OSError: what no layer below foresaw, such as a full disk; its text names the file and the reason.
    return 1 if isinstance(error, IndexingError | AnsweringError | OSError) else None
