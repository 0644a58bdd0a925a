import threading
from pathlib import Path

import numpy as np
import pytest

from index.embedding.embedder import Embedder, PassageText, SentenceTransformerEmbedder
from index.types import Span
from service.language_models.weights.locate import default_models_dir, resolve_embedding
from tests.fakes import HashEmbedder


def load_default_model() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(resolve_embedding("multilingual-e5-small", default_models_dir()))


@pytest.fixture(
    scope="module",
    params=[HashEmbedder, pytest.param(load_default_model, marks=pytest.mark.models)],
    ids=["fake", "real"],
)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    made: Embedder = request.param()
    return made


def passage(*sentences: str, header: str = "") -> PassageText:
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    return PassageText(header, " ".join(sentences), tuple(spans))


KOREAN = passage("대구시는 올해 인공지능 예산을 350억 원으로 정했다.", "지난해보다 크게 늘었다.")
ENGLISH = passage("The museum opens at nine in the morning.", "Admission is free.", header="Visit")
OTHER = passage("내일은 전국에 비가 내린다.", "우산을 챙겨야 한다.", "바람도 분다.")
ALL = [KOREAN, ENGLISH, OTHER]


def test_question_vector_has_length_one(embedder: Embedder) -> None:
    vector = embedder.embed_question("예산은 얼마인가?")
    assert vector.shape == (embedder.dimension,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_passages_and_sentences_have_vectors_of_length_one(embedder: Embedder) -> None:
    for item, vectors in zip(ALL, embedder.embed_passages(ALL), strict=True):
        assert vectors.passage.shape == (embedder.dimension,)
        assert vectors.sentences.shape == (len(item.sentences), embedder.dimension)
        assert np.linalg.norm(vectors.passage) == pytest.approx(1, abs=1e-5)
        assert np.linalg.norm(vectors.sentences, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("question", "answer"),
    [("대구시 인공지능 예산은 얼마인가?", 0), ("When does the museum open?", 1)],
)
def test_question_is_nearest_to_its_answer(embedder: Embedder, question: str, answer: int) -> None:
    vector = embedder.embed_question(question)
    scores = [float(vectors.passage @ vector) for vectors in embedder.embed_passages(ALL)]
    assert int(np.argmax(scores)) == answer


def test_order_of_the_batch_does_not_matter(embedder: Embedder) -> None:
    forward, backward = embedder.embed_passages(ALL), embedder.embed_passages(ALL[::-1])[::-1]
    for one, other in zip(forward, backward, strict=True):
        assert float(one.passage @ other.passage) == pytest.approx(1, abs=0.02)
        assert np.sum(one.sentences * other.sentences, axis=1) == pytest.approx(1, abs=0.02)


def test_progress_adds_up_to_all_passages(embedder: Embedder) -> None:
    told: list[int] = []
    embedder.embed_passages(ALL, told.append)
    assert sum(told) == 3


def test_no_passages_have_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]) == []


@pytest.mark.models
def test_passage_beyond_the_models_limit_still_has_every_sentence() -> None:
    model = load_default_model()
    long = passage(*["인공지능 전환을 위한 지역 사업의 예산을 다시 정했다."] * 80)
    (vectors,) = model.embed_passages([long])
    assert vectors.sentences.shape == (80, 384)
    assert np.linalg.norm(vectors.sentences, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.models
def test_fingerprint_is_the_same_whenever_the_model_is_loaded() -> None:
    one, other = load_default_model(), load_default_model()
    assert one.fingerprint == other.fingerprint
    assert len(one.fingerprint) == 16


@pytest.mark.models
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux lists a process's threads")
def test_question_leaves_no_threads_behind() -> None:
    """Threads that PyTorch kept for every searching thread made a language model write a quarter slower."""
    embedder = load_default_model()
    embedder.embed_question("예산은 얼마인가?")
    embedded, over = threading.Event(), threading.Event()

    def embed() -> None:
        embedder.embed_question("예산은 얼마인가?")
        embedded.set()
        over.wait()

    before = len(list(Path("/proc/self/task").iterdir()))
    threads = [threading.Thread(target=embed) for _ in range(3)]
    for thread in threads:
        embedded.clear()
        thread.start()
        embedded.wait()
    after = len(list(Path("/proc/self/task").iterdir()))
    over.set()
    for thread in threads:
        thread.join()
    assert after - before == len(threads)


@pytest.mark.models
def test_embedding_leaves_pytorch_the_threads_it_had() -> None:
    import torch

    before = torch.get_num_threads()
    load_default_model().embed_question("예산은 얼마인가?")
    assert torch.get_num_threads() == before
