"""A home that may be read and not written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def without_rights(home: Path) -> Iterator[None]:
    """Takes the right to write from this process; root becomes nobody for as long."""
    for path in home.iterdir():
        path.chmod(0o444)
    home.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.setresuid(65534, 65534, 0)
    try:
        if os.access(home, os.W_OK):
            pytest.skip("the file system does not keep permissions")
        yield
    finally:
        if is_root:
            os.setresuid(0, 0, 0)
        home.chmod(0o755)
