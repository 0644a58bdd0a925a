import errno
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from service.errors import ModelUnavailable
from service.language_models.weights.disk import check_free_space, explain, sha256_of

Usage = namedtuple("Usage", "total used free")


def test_too_little_space_is_said_with_both_amounts_and_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 5, 5_000_000))
    check_free_space(5_000_000, tmp_path, "m")
    with pytest.raises(ModelUnavailable) as caught:
        check_free_space(2_300_000_000, tmp_path, "m")
    assert str(caught.value) == (
        f"not enough disk space for m: it needs 2,300 MB and {tmp_path} has 5 MB free; free some, or set "
        "INYONG_MODELS to a folder on a larger disk"
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EACCES, "Permission denied; set INYONG_MODELS"),
        (errno.EROFS, "Read-only file system; set INYONG_MODELS"),
        (errno.ENOTDIR, "not a folder; set INYONG_MODELS"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_what_the_system_refuses_is_said_in_a_sentence(tmp_path: Path, number: int, said: str) -> None:
    message = str(explain(OSError(number, os.strerror(number)), tmp_path, "m"))
    assert said in message
    assert str(tmp_path) in message


def test_a_file_is_hashed(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert sha256_of(tmp_path / "f") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
