"""`inyong serve` as a process of its own, with the real models."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SOON_S = 120.0


@contextmanager
def serving(
    home: Path, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Iterator[str]:
    """Its address, once it is ready; at the end it has to stop when it is told to, without a traceback.

    environment: beside that of the tests. folder: to start it in, None for the current one.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", "from service.cli import main; main()", "serve", "--port", "0"],
        env={
            **os.environ,
            **(environment or {}),
            "INYONG_HOME": str(home),
            "PYTHONPATH": str(Path.cwd()),
        },
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    seen, found = "", None
    for line in process.stderr:
        seen += line
        found = found or re.search(r"http://[\w.]+:\d+", line)
        if "ready" in line:
            break
    try:
        assert found, seen
        yield found[0]
    finally:
        process.terminate()
        _, rest = process.communicate(timeout=SOON_S)
    assert process.returncode == 0, rest
    assert "Traceback" not in seen + rest
