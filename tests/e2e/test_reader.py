"""The reader that ships, over the real embedding model."""

import pytest

from eval.reader.baselines import CosineRanker
from eval.reader.evaluate import reader_row, score_baseline
from eval.reader.examples import ExampleDocument, Split, load_examples, select_split
from eval.reader.scores import document_passages, score_questions
from index.embedding.embedder import SentenceTransformerEmbedder
from index.errors import WeightsUnusable
from index.reader.loading import load_trained_reader
from index.reader.trained import TrainedReader
from index.reader.types import ReaderPassage
from index.types import Span
from service import Inyong

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def embedder(sample: Inyong) -> SentenceTransformerEmbedder:
    loaded = sample.embedder()
    assert isinstance(loaded, SentenceTransformerEmbedder)
    return loaded


@pytest.fixture(scope="module")
def reader(embedder: SentenceTransformerEmbedder) -> TrainedReader:
    return load_trained_reader(embedder)


@pytest.fixture(scope="module")
def documents() -> list[ExampleDocument]:
    return select_split(load_examples(), Split.VALIDATION)[:5]


def test_the_shipped_weights_are_calibrated(reader: TrainedReader) -> None:
    assert reader.calibrated
    assert 0 < reader.calibration.abstain <= reader.calibration.check <= 1


def test_it_ranks_sentences_better_than_cosine(
    reader: TrainedReader, embedder: SentenceTransformerEmbedder, documents: list[ExampleDocument]
) -> None:
    read = reader_row(score_questions(reader, documents))
    cosine = score_baseline(CosineRanker(embedder), documents)
    assert read["within 3"] > cosine["within 3"]
    assert read["first ko"] + read["first en"] > cosine["first ko"] + cosine["first en"]


def test_half_precision_ranks_sentences_as_single_precision_does(
    embedder: SentenceTransformerEmbedder, documents: list[ExampleDocument]
) -> None:
    short, exact = (load_trained_reader(embedder, engine=engine) for engine in ("bfloat16", "float32"))
    passages = document_passages(documents[0])[:1]
    for question in documents[0].questions[:4]:
        first, second = (reader.read(question.with_previous, passages)[0] for reader in (short, exact))
        best = [max(reading.sentences, key=lambda s: s.probability) for reading in (first, second)]
        # Where two sentences are as good as equal, either may come first.
        assert best[0].span == best[1].span or abs(best[0].probability - best[1].probability) < 0.1


def test_the_words_that_answer_are_a_span_of_the_document(reader: TrainedReader) -> None:
    text = "가람도서관은 매주 월요일에 쉰다.\n어린이 회원의 연회비는 3천 원이다."
    passage = ReaderPassage("가람도서관 안내", "", text, 0, (Span(0, 18), Span(19, len(text))))
    (reading,) = reader.read("어린이는 1년에 얼마를 내나요?", [passage])
    best = reading.answers[0]
    assert best.sentence == 1
    assert "3천" in best.span.of(text)
    for answer in reading.answers:  # tokens of the real tokeniser begin with the blank before a word
        assert answer.span.of(text) == answer.span.of(text).strip()


def test_another_embedding_model_is_refused_as_its_base(
    embedder: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder, "_fingerprint", "0123456789abcdef")
    with pytest.raises(WeightsUnusable, match=r"reader\.safetensors.*0123456789abcdef"):
        load_trained_reader(embedder)


def test_reranked_search_finds_a_paraphrase_first(sample: Inyong) -> None:
    hits = sample.search("which regions were selected and for how much?", k=5, rerank=True)
    assert len(hits) == 5
    assert hits == sorted(hits, key=lambda hit: -hit.score)
