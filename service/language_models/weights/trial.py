"""Try a language model in a child process, which an unsupported processor instruction would kill."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

COMPILED_FOR_ANOTHER = "llama.cpp is compiled for another processor"
# Enough tokens at once that vector instructions are used.
_READ = "import sys, llama_cpp; llama_cpp.Llama(sys.argv[1], n_ctx=64, verbose=False).eval([0] * 32)"
_READING = (sys.executable, "-c", _READ)
_TIMEOUT_S = 120.0


def why_it_cannot_run(
    model: Path, reading: Sequence[str] = _READING, timeout_s: float = _TIMEOUT_S
) -> str | None:
    """Return why this machine cannot evaluate a few tokens with a GGUF model; None if it can.

    reading: the command that does it; the model's path is appended as its last argument.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the command is this module's own
            [*reading, str(model)], check=False, capture_output=True, text=True, timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        return f"reading a few tokens takes longer than {timeout_s:g} seconds"
    if done.returncode == -signal.SIGILL:
        return COMPILED_FOR_ANOTHER
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return lines[-1] if lines else f"llama.cpp ended with status {done.returncode}"
    return None
