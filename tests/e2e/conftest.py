"""The sample documents, indexed once with the real embedding model; the real language model, loaded once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service import Inyong

SAMPLE = Path(__file__).parents[2] / "eval" / "data" / "sample"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inyong]:
    with Inyong(tmp_path_factory.mktemp("sample-home")) as inyong:
        report = inyong.index([SAMPLE / "docs"])
        assert not report.failed
        yield inyong
