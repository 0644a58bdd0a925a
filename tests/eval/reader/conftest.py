from pathlib import Path

import pytest

from index.embedding.embedder import SentenceTransformerEmbedder
from tests.index.reader.tiny_model import load_embedder, save_embedding_model


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_embedding_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny_embedder(tiny_folder: Path) -> SentenceTransformerEmbedder:
    return load_embedder(tiny_folder)
