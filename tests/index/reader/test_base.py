from pathlib import Path
from typing import Any

import pytest

from index.embedding.embedder import SentenceTransformerEmbedder
from index.errors import WeightsUnusable
from index.reader.base import BaseModel
from tests.index.reader.tiny_model import load_embedder, save_embedding_model

QUERY = "encoder.layer.0.attention.self.query.weight"


@pytest.fixture
def base(tiny_folder: Path) -> BaseModel:
    return BaseModel.from_embedder(load_embedder(tiny_folder))


def memory(encoder: Any) -> dict[str, int]:
    """Where each weight lies."""
    return {name: parameter.data_ptr() for name, parameter in encoder.named_parameters()}


def test_the_base_is_the_embedders_own_model(tiny_embedder: SentenceTransformerEmbedder) -> None:
    base = BaseModel.from_embedder(tiny_embedder)
    assert base.encoder is tiny_embedder.transformer
    assert (base.name, base.fingerprint) == ("tiny", tiny_embedder.fingerprint)


def test_a_copy_shares_the_embedding_matrix(base: BaseModel) -> None:
    name = "embeddings.word_embeddings.weight"
    assert memory(base.copy_encoder())[name] == memory(base.encoder)[name]


def test_a_copy_has_layers_of_its_own(base: BaseModel) -> None:
    own, copied = memory(base.encoder), memory(base.copy_encoder())
    layers = {name for name in own if name.startswith("encoder.")}
    assert {own[name] for name in layers}.isdisjoint(copied[name] for name in layers)


def test_a_copy_has_equal_weights(base: BaseModel) -> None:
    copied = dict(base.copy_encoder().named_parameters())
    assert all(bool((copied[name] == value).all()) for name, value in base.encoder.named_parameters())


def test_training_a_copy_leaves_the_base_alone(base: BaseModel) -> None:
    import torch

    before = dict(base.encoder.named_parameters())[QUERY].clone()
    with torch.no_grad():
        for parameter in base.trainable_encoder().parameters():
            if parameter.requires_grad:
                parameter.zero_()
    assert bool((dict(base.encoder.named_parameters())[QUERY] == before).all())


def test_everything_but_the_embeddings_is_trained(base: BaseModel) -> None:
    trained = {name: p.requires_grad for name, p in base.trainable_encoder().named_parameters()}
    assert {name.partition(".")[0] for name, on in trained.items() if on} == {"encoder"}
    assert {name.partition(".")[0] for name, on in trained.items() if not on} == {"embeddings"}


def test_a_model_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    embedder = load_embedder(save_embedding_model(tmp_path / "other", kind="distilbert"))
    with pytest.raises(WeightsUnusable, match=r"tiny: a reader needs .*DistilBertModel"):
        BaseModel.from_embedder(embedder)
