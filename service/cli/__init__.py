"""The `inyong` command: one thin function per command, one place where errors become exit codes."""

import errno
import io
import os
import sys
from typing import NoReturn


def main() -> None:
    """Run the command line; exits 0 done, 1 failed, 2 usage, 3 abstained, 130 interrupted."""
    # Nothing at run time needs the network, and library warnings are not for users.
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
        complain(_describe(error))
        sys.exit(code)


def _leave_at_once(code: int) -> NoReturn:
    """End the process without waiting for threads that load or compute; they have nothing to save."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _describe(error: Exception) -> str:
    """Return the message for the user; a full disk has its own, as its error often names no file."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}the disk is full; make room, then run the same command again"
    return str(error)


_INTERRUPTED = 130  # typer's exit code for Ctrl-C


def _exit_code(error: Exception) -> int | None:
    """Return the exit code of an error that the user can fix; None for a bug."""
    from index.errors import IndexingError
    from service.errors import AnsweringError, BadQuestion, BadSetting

    if isinstance(error, BadQuestion | BadSetting):
        return 2
    own: int | None = getattr(error, "exit_code", None)  # errors of installed commands define their own
    if own is not None:
        return own
    # OSError: not handled by a layer below, such as a full disk; its text names the file and the reason.
    return 1 if isinstance(error, IndexingError | AnsweringError | OSError) else None
