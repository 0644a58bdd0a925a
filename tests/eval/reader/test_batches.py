import math

import pytest
import torch

from eval.reader.batches import Batch, LossWeights, make_batch, reader_loss, to_device
from eval.reader.examples import AnswerPart
from eval.reader.sampling import AskedQuestion, TrainingWindow
from index.embedding.embedder import SentenceTransformerEmbedder
from index.reader.encoding import TextEncoder
from index.reader.network import Inputs, Logits
from tests.index.reader.tiny_model import make_network

EVEN = LossWeights(sentence=1.0, span=1.0, passage=1.0, needed=1.0)
FIRST = 1 + len("passage:")  # where the first sentence begins behind an empty title; a token a character


@pytest.fixture(scope="module")
def encoder(tiny_embedder: SentenceTransformerEmbedder) -> TextEncoder:
    return TextEncoder(tiny_embedder.tokenizer)


def asked(text: str, *parts: tuple[int, int, int]) -> AskedQuestion:
    return AskedQuestion(text, tuple(AnswerPart(*part) for part in parts))


TWO = TrainingWindow("", ("ab cd", "ef"), (asked("which?", (0, 3, 5)), asked("why?")))
ONE = TrainingWindow("", ("gh",), (asked("where?", (0, 0, 1)),))


# Targets


def test_a_needed_sentence_is_1_and_every_other_0(encoder: TextEncoder) -> None:
    assert make_batch([TWO, ONE], encoder).needed.tolist() == [[1, 0], [0, 0], [1, 0]]


def test_only_sentences_that_are_there_are_valid(encoder: TextEncoder) -> None:
    assert make_batch([TWO, ONE], encoder).valid.tolist() == [[1, 1], [1, 1], [1, 0]]


def test_spans_are_the_first_and_last_token_of_the_answer(encoder: TextEncoder) -> None:
    spans = make_batch([TWO, ONE], encoder).spans
    assert spans == (((FIRST + 2, FIRST + 3),), (), ((FIRST, FIRST),))


def test_a_question_has_a_span_for_each_part_of_its_answer(encoder: TextEncoder) -> None:
    window = TrainingWindow("", ("ab cd", "ef"), (asked("which?", (1, 0, 2), (0, 0, 2)),))
    batch = make_batch([window], encoder)
    assert batch.needed.tolist() == [[1, 1]]
    assert sorted(batch.spans[0]) == [(FIRST, FIRST + 1), (FIRST + 4, FIRST + 5)]


def test_an_answer_of_spaces_is_no_answer(encoder: TextEncoder) -> None:
    batch = make_batch([TrainingWindow("", ("ab cd",), (asked("which?", (0, 2, 3)),))], encoder)
    assert (batch.spans, batch.needed.tolist()) == (((),), [[0]])


def test_sentences_beyond_the_models_window_are_left_out(encoder: TextEncoder) -> None:
    window = TrainingWindow("", ("a" * 200, "b" * 200), (asked("which?", (1, 0, 2)),))
    batch = make_batch([window], encoder)
    assert (batch.needed.tolist(), batch.spans) == ([[0]], ((),))


def test_each_question_is_paired_with_its_own_window(encoder: TextEncoder) -> None:
    inputs = make_batch([TWO, ONE], encoder).inputs
    assert inputs.pairs.tolist() == [[0, 0], [1, 0], [2, 1]]
    assert (inputs.questions.shape[0], inputs.passages.shape[0]) == (3, 2)


def test_a_sentence_without_a_token_trains_nothing(
    encoder: TextEncoder, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    network, question = make_network(tiny_embedder), asked("which?", (0, 0, 1))
    batches = [
        make_batch([TrainingWindow("", sentences, (question,))], encoder)
        for sentences in (("ab", " "), ("ab",))
    ]
    one, other = (reader_loss(network(b.inputs), b, EVEN).detach() for b in batches)
    assert float(one) == pytest.approx(float(other))


# Loss


def batch_of(
    needed: list[list[float]],
    spans: tuple[tuple[tuple[int, int], ...], ...],
    valid: list[list[float]],
    verdict: float = torch.nan,
) -> Batch:
    nothing = torch.zeros(0)
    inputs = Inputs(nothing, nothing, nothing, nothing, nothing, nothing)
    verdicts = torch.full((len(needed),), verdict)
    return Batch(inputs, torch.tensor(needed).float(), torch.tensor(valid).float(), spans, verdicts)


def logits_of(
    sentences: list[list[float]],
    starts: list[list[float]],
    ends: list[list[float]],
    passages: list[float],
    verdict: float = 0.0,
) -> Logits:
    verdicts = [verdict] * len(passages)
    return Logits(*(torch.tensor(x).float() for x in (sentences, starts, ends, passages, verdicts)))


# One question over two sentences and four tokens; the second sentence answers with tokens 2 and 3.
ANSWERED = batch_of([[0, 1]], (((2, 3),),), [[1, 1]])
UNSURE = logits_of([[0, 0]], [[0, 0, 0, 0]], [[0, 0, 0, 0]], [0])


def loss(logits: Logits, batch: Batch = ANSWERED, weights: LossWeights = EVEN) -> float:
    return float(reader_loss(logits, batch, weights))


def test_the_loss_of_even_odds_is_that_of_guessing() -> None:
    # A coin for the sentence, one of four tokens for start and end, a coin for the passage.
    assert loss(UNSURE) == pytest.approx(math.log(2) + math.log(4) + math.log(2))


def test_a_needed_sentence_counts_as_often_as_its_weight() -> None:
    only_sentences = LossWeights(sentence=1.0, span=0.0, passage=0.0, needed=3.0)
    assert loss(UNSURE, weights=only_sentences) == pytest.approx((math.log(2) + 3 * math.log(2)) / 2)


def test_each_head_counts_as_much_as_its_weight() -> None:
    weights = LossWeights(sentence=2.0, span=5.0, passage=7.0, needed=1.0)
    assert loss(UNSURE, weights=weights) == pytest.approx(9 * math.log(2) + 5 * math.log(4))


def test_one_of_two_annotated_spans_is_enough() -> None:
    only_spans = LossWeights(sentence=0.0, span=1.0, passage=0.0)
    two = batch_of([[0, 1]], (((2, 3), (1, 1)),), [[1, 1]])
    sure = logits_of([[0, 0]], [[-30, -30, 30, -30]], [[-30, -30, -30, 30]], [0])
    assert loss(sure, two, only_spans) == pytest.approx(0, abs=1e-6)


def test_of_even_odds_two_annotated_spans_are_twice_as_likely() -> None:
    only_spans = LossWeights(sentence=0.0, span=1.0, passage=0.0)
    two = batch_of([[0, 1]], (((2, 3), (1, 1)),), [[1, 1]])
    assert loss(UNSURE, two, only_spans) == pytest.approx(-math.log(2 / 16) / 2)


def test_the_first_token_stands_for_no_answer() -> None:
    only_spans = LossWeights(sentence=0.0, span=1.0, passage=0.0)
    none = batch_of([[0, 0]], ((),), [[1, 1]])
    sure = logits_of([[0, 0]], [[30, -30, -30, -30]], [[30, -30, -30, -30]], [0])
    assert loss(sure, none, only_spans) == pytest.approx(0, abs=1e-6)
    assert loss(sure, ANSWERED, only_spans) > 10


def test_a_sentence_that_is_not_there_costs_nothing() -> None:
    shorter = batch_of([[1, 0]], (((1, 1),),), [[1, 0]])
    one = logits_of([[2, -30]], [[0, 0]], [[0, 0]], [0])
    other = logits_of([[2, 30]], [[0, 0]], [[0, 0]], [0])
    assert loss(one, shorter) == loss(other, shorter)


BETTER = {
    "sentence": logits_of([[-1, 1]], [[0, 0, 0, 0]], [[0, 0, 0, 0]], [0]),
    "start": logits_of([[0, 0]], [[0, 0, 1, 0]], [[0, 0, 0, 0]], [0]),
    "end": logits_of([[0, 0]], [[0, 0, 0, 0]], [[0, 0, 0, 1]], [0]),
    "passage": logits_of([[0, 0]], [[0, 0, 0, 0]], [[0, 0, 0, 0]], [1]),
}


@pytest.mark.parametrize("logits", BETTER.values(), ids=BETTER)
def test_better_logits_lose_less_and_their_opposites_more(logits: Logits) -> None:
    opposite = Logits(*(-tensor for tensor in logits))
    assert loss(logits) < loss(UNSURE) < loss(opposite)


def test_right_and_sure_loses_nothing() -> None:
    sure = logits_of([[-30, 30]], [[-30, -30, 30, -30]], [[-30, -30, -30, 30]], [30])
    assert loss(sure) == pytest.approx(0, abs=1e-6)


def test_the_loss_teaches_the_network(
    encoder: TextEncoder, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    network, batch = make_network(tiny_embedder), make_batch([TWO, ONE], encoder)
    optimizer = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], lr=1e-3)
    losses = []
    for _ in range(60):
        value = reader_loss(network(batch.inputs), batch, LossWeights())
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(value.detach()))
    assert losses[-1] < losses[0] / 2


def test_a_batch_on_another_device_is_there_whole(encoder: TextEncoder) -> None:
    batch = to_device(make_batch([TWO], encoder), torch.device("meta"))
    assert {t.device.type for t in (*batch.inputs, batch.needed, batch.valid)} == {"meta"}


def test_a_verdict_counts_where_it_is_annotated() -> None:
    def with_verdict(logit: float) -> Logits:
        return logits_of([[-30, 30]], [[-30, -30, 30, -30]], [[-30, -30, -30, 30]], [30], logit)

    asks_for_verdict = batch_of([[0, 1]], (((2, 3),),), [[1, 1]], verdict=1.0)
    right, wrong = with_verdict(30), with_verdict(-30)
    assert loss(wrong) == pytest.approx(loss(right), abs=1e-6)
    assert float(reader_loss(right, asks_for_verdict, EVEN)) == pytest.approx(0, abs=1e-6)
    assert float(reader_loss(wrong, asks_for_verdict, EVEN)) > 1
