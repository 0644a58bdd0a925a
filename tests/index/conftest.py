from collections.abc import Iterator
from pathlib import Path

import pytest

from index.search.keyword_index import MorphemeAnalyzer
from tests.index.bench import Bench, make_bench


@pytest.fixture(scope="session")
def analyzer() -> MorphemeAnalyzer:
    return MorphemeAnalyzer()


@pytest.fixture
def bench(tmp_path: Path, analyzer: MorphemeAnalyzer) -> Iterator[Bench]:
    made = make_bench(tmp_path, analyzer)
    yield made
    made.catalog.close()
