from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from index.embedding.embedder import PassageText, SentenceTransformerEmbedder
from index.embedding.question_adapter import QuestionAdapter
from index.errors import WeightsUnusable
from index.types import Span
from tests.index.reader.tiny_model import HIDDEN, LAYERS, load_embedder, save_embedding_model

QUESTION = "올해 예산은 얼마인가?"
PASSAGE = PassageText("예산", "예산은 350억 원이다. 지난해보다 늘었다.", (Span(0, 13), Span(14, 24)))
RANK = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_embedding_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def plain(folder: Path) -> SentenceTransformerEmbedder:
    return load_embedder(folder)


@pytest.fixture
def trained(plain: SentenceTransformerEmbedder) -> Iterator[QuestionAdapter]:
    """An adapter that changes something, as no untrained one does."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        adapter = QuestionAdapter.for_transformer(plain.transformer, RANK)
        with torch.no_grad():
            for matrix in adapter.up:
                matrix.normal_(std=0.5)
        yield adapter


def states(embedder: SentenceTransformerEmbedder) -> Any:
    with torch.no_grad():
        tokens = embedder.tokenizer([QUESTION], return_tensors="pt")
        return embedder.transformer(**tokens).last_hidden_state


def adapted(folder: Path, path: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(
        folder, name="tiny", device="cpu", full_precision=True, question_adapter=path
    )


# The change


def test_an_untrained_adapter_changes_nothing(plain: SentenceTransformerEmbedder) -> None:
    before = states(plain)
    with QuestionAdapter.for_transformer(plain.transformer, RANK).applied(plain.transformer):
        assert torch.equal(states(plain), before)


def test_a_trained_adapter_changes_the_states_inside_the_block(
    plain: SentenceTransformerEmbedder, trained: QuestionAdapter
) -> None:
    before = states(plain)
    with trained.applied(plain.transformer):
        assert float((states(plain) - before).abs().max()) > 0.01


def test_after_the_block_nothing_is_changed(
    plain: SentenceTransformerEmbedder, trained: QuestionAdapter
) -> None:
    before = states(plain)
    with trained.applied(plain.transformer):
        states(plain)
    assert torch.equal(states(plain), before)


def test_after_an_error_in_the_block_nothing_is_changed(
    plain: SentenceTransformerEmbedder, trained: QuestionAdapter
) -> None:
    before = states(plain)
    with pytest.raises(ValueError, match="inside"), trained.applied(plain.transformer):
        raise ValueError("inside")
    assert torch.equal(states(plain), before)


def test_the_product_of_both_matrices_is_added_to_a_layer() -> None:
    holder = torch.nn.Module()
    holder.encoder = torch.nn.Linear(2, 2, bias=False)
    adapter = QuestionAdapter({"encoder": (2, 2)}, rank=1)
    with torch.no_grad():
        holder.encoder.weight.copy_(torch.eye(2))
        adapter.down[0].copy_(torch.tensor([[1.0, 1.0]]))
        adapter.up[0].copy_(torch.tensor([[10.0], [20.0]]))
        with adapter.applied(holder):
            # (3, 4) itself, and 3 + 4 = 7 times (10, 20).
            assert holder.encoder(torch.tensor([3.0, 4.0])).tolist() == [73.0, 144.0]


def test_every_linear_layer_of_the_encoder_has_a_pair(plain: SentenceTransformerEmbedder) -> None:
    adapter = QuestionAdapter.for_transformer(plain.transformer, RANK)
    assert len(adapter.names) == 6 * LAYERS  # query, key, value, output, and two of the feed-forward part
    shapes = {name: (up.shape, down.shape) for name, up, down in zip(adapter.names, adapter.up, adapter.down)}  # noqa: B905
    assert shapes["encoder.layer.0.intermediate.dense"] == ((2 * HIDDEN, RANK), (RANK, HIDDEN))


# Files


def test_a_loaded_adapter_is_the_saved_one_in_float16(tmp_path: Path, trained: QuestionAdapter) -> None:
    trained.save(tmp_path / "a", base="b", metadata={})
    loaded = QuestionAdapter.load(tmp_path / "a", base="b")
    of = dict(zip(trained.names, zip(trained.down, trained.up, strict=True), strict=True))
    assert set(loaded.names) == set(trained.names)
    for name, down, up in zip(loaded.names, loaded.down, loaded.up, strict=True):
        assert torch.equal(down, of[name][0].detach().half().float())
        assert torch.equal(up, of[name][1].detach().half().float())


def test_a_loaded_adapter_is_not_trained_further(tmp_path: Path, trained: QuestionAdapter) -> None:
    trained.save(tmp_path / "a", base="b", metadata={})
    assert not [p for p in QuestionAdapter.load(tmp_path / "a").parameters() if p.requires_grad]


def test_an_adapter_for_another_base_is_refused(tmp_path: Path, trained: QuestionAdapter) -> None:
    trained.save(tmp_path / "a", base="b", metadata={})
    with pytest.raises(WeightsUnusable, match="was trained on the base model b"):
        QuestionAdapter.load(tmp_path / "a", base="another")


# In the embedder


def test_the_embedder_uses_its_adapter_for_questions(
    tmp_path: Path, folder: Path, plain: SentenceTransformerEmbedder, trained: QuestionAdapter
) -> None:
    trained.save(tmp_path / "a", base=plain.fingerprint, metadata={})
    embedder = adapted(folder, tmp_path / "a")
    assert float(embedder.embed_question(QUESTION) @ plain.embed_question(QUESTION)) < 0.999
    assert np.linalg.norm(embedder.embed_question(QUESTION)) == pytest.approx(1, abs=1e-5)


def test_the_embedder_uses_no_adapter_for_passages(
    tmp_path: Path, folder: Path, plain: SentenceTransformerEmbedder, trained: QuestionAdapter
) -> None:
    trained.save(tmp_path / "a", base=plain.fingerprint, metadata={})
    embedder = adapted(folder, tmp_path / "a")
    embedder.embed_question(QUESTION)
    (own,), (expected,) = embedder.embed_passages([PASSAGE]), plain.embed_passages([PASSAGE])
    np.testing.assert_array_equal(own.passage, expected.passage)
    np.testing.assert_array_equal(own.sentences, expected.sentences)


def test_the_embedder_leaves_out_the_adapter_of_another_model(
    tmp_path: Path, folder: Path, plain: SentenceTransformerEmbedder, trained: QuestionAdapter
) -> None:
    trained.save(tmp_path / "a", base="another", metadata={})
    np.testing.assert_array_equal(
        adapted(folder, tmp_path / "a").embed_question(QUESTION), plain.embed_question(QUESTION)
    )


def test_the_embedder_refuses_a_damaged_adapter(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "a").write_bytes(b"not weights")
    with pytest.raises(WeightsUnusable, match="question adapter weights"):
        adapted(folder, tmp_path / "a")
