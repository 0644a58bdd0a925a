from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from eval.reader.examples import ExampleDocument
from eval.reader.question_vectors import embed_questions
from eval.reader.train_adapter import AdapterOptions, Collection, embed_collection, measure, train_adapter
from index.embedding.embedder import SentenceTransformerEmbedder
from index.embedding.question_adapter import QuestionAdapter
from tests.eval.reader.samples import SENTENCES, find_part, make_document, make_question

ASKED = ("예산?", "증가?", "opening", "어른", "어린이")
OPTIONS = AdapterOptions(epochs=60, rank=4, batch=5, learning_rate=1e-2, temperature=0.1)


@pytest.fixture(scope="module")
def collection(tiny_embedder: SentenceTransformerEmbedder) -> Collection:
    """Five documents of one sentence, each with a question that shares no word with it."""
    documents: list[ExampleDocument] = [
        make_document(
            f"d{n}", (sentence,), make_question(ASKED[n], find_part((sentence,), 0, sentence[:2])), title=""
        )
        for n, sentence in enumerate(SENTENCES)
    ]
    return embed_collection(documents, tiny_embedder)


def test_every_answerable_question_knows_its_passages_and_sentences(collection: Collection) -> None:
    assert [(passages, sentences) for _, _, passages, sentences in collection.questions] == [
        ((n,), (n,)) for n in range(len(SENTENCES))
    ]
    assert np.allclose(np.linalg.norm(collection.passages, axis=1), 1, atol=1e-2)


def test_training_draws_questions_to_what_answers_them(
    collection: Collection, tiny_embedder: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    before = embed_questions(ASKED, tiny_embedder, None).detach()
    adapter = train_adapter(collection, tiny_embedder, OPTIONS, Console(quiet=True))
    assert measure(collection, tiny_embedder, adapter)["ko first"] == 1
    assert np.allclose(
        before, embed_questions(ASKED, tiny_embedder, None).detach()
    )  # the model itself is unchanged

    adapter.save(tmp_path / "adapter.safetensors", base=tiny_embedder.fingerprint, metadata={})
    loaded = QuestionAdapter.load(tmp_path / "adapter.safetensors", base=tiny_embedder.fingerprint)
    after = embed_questions(ASKED, tiny_embedder, adapter).detach()
    assert np.allclose(after, embed_questions(ASKED, tiny_embedder, loaded).detach(), atol=1e-2)
