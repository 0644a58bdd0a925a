import pytest

from index.lexical import MorphemeAnalyzer


@pytest.fixture(scope="session")
def analyzer() -> MorphemeAnalyzer:
    return MorphemeAnalyzer()
