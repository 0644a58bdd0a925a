"""Training windows to tensors, and the loss of the network on them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812  the name everybody gives it
from torch import Tensor

from eval.reader.sampling import AskedQuestion, TrainingWindow
from index.reader.encoding import TextEncoder, Window
from index.reader.network import Inputs, Logits
from index.reader.padding import pad_inputs


@dataclass(frozen=True, slots=True)
class LossWeights:
    """How much each head counts. needed: weight of a needed sentence beside one that is not."""

    sentence: float = 2.0
    span: float = 1.0
    passage: float = 1.0
    verdict: float = 0.1
    needed: float = 2.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs and targets of b pairs. spans: for each pair the (first, last) tokens of its answers."""

    inputs: Inputs
    needed: Tensor  # (b, n) float
    valid: Tensor  # (b, n) float, 1 where there is a sentence
    spans: tuple[tuple[tuple[int, int], ...], ...]
    verdicts: Tensor  # (b,) float, NaN where unknown


def make_batch(windows: Sequence[TrainingWindow], encoder: TextEncoder) -> Batch:
    """Encode windows and their questions; sentences beyond the model's window are left out."""
    encoded = [encoder.encode_passage(w.title, w.sentences)[0] for w in windows]
    questions: list[list[int]] = []
    pairs: list[tuple[int, int]] = []
    targets: list[list[tuple[int, int, int]]] = []
    for row, example in enumerate(windows):
        for asked in example.questions:
            pairs.append((len(questions), row))
            questions.append(encoder.encode_question(asked.text))
            targets.append(_targets(encoded[row], asked))
    n = max(1, *(len(window.pieces) for window in encoded))
    needed, valid = torch.zeros(len(pairs), n), torch.zeros(len(pairs), n)
    for index, ((_, row), found) in enumerate(zip(pairs, targets, strict=True)):
        valid[index, : len(encoded[row].pieces)] = 1
        for piece, _, _ in found:
            needed[index, piece] = 1
    arrays = pad_inputs(questions, encoded, pairs, encoder.pad)
    spans = tuple(tuple((first, last) for _, first, last in found) for found in targets)
    verdicts = torch.tensor(
        [math.nan if q.verdict is None else float(q.verdict) for w in windows for q in w.questions]
    )
    return Batch(Inputs(*map(torch.from_numpy, arrays)), needed, valid, spans, verdicts)


def _targets(window: Window, asked: AskedQuestion) -> list[tuple[int, int, int]]:
    """For each answer part inside the window its piece, first and last token."""
    found = []
    for index, (piece, first) in enumerate(zip(window.pieces, window.first_token, strict=True)):
        for part in asked.spans:
            if part.sentence != piece.sentence:
                continue
            starts, ends = piece.offsets[:, 0], piece.offsets[:, 1]
            inside = ((ends > part.start) & (starts < part.end) & (ends > starts)).nonzero()[0]
            if len(inside):
                found.append((index, first + int(inside[0]), first + int(inside[-1])))
    return found


def reader_loss(logits: Logits, batch: Batch, weights: LossWeights) -> Tensor:
    """Return the weighted sum of the heads' losses, a scalar.

    Spans: the marginal log-likelihood of all annotated ones (Clark and Gardner 2018), the first token
    standing for "no answer".
    """
    weight = torch.tensor(weights.needed, device=logits.sentences.device)
    losses = F.binary_cross_entropy_with_logits(
        logits.sentences, batch.needed, reduction="none", pos_weight=weight
    )
    sentence = (losses * batch.valid).sum() / batch.valid.sum()
    starts, ends = F.log_softmax(logits.starts, -1), F.log_softmax(logits.ends, -1)
    terms = []
    for row, spans in enumerate(batch.spans):
        firsts, lasts = zip(*(spans or ((0, 0),)), strict=True)
        likelihood = torch.logsumexp(starts[row, list(firsts)] + ends[row, list(lasts)], 0)
        terms.append(-likelihood / 2)
    span = torch.stack(terms).mean()
    answerable = torch.tensor([float(bool(s)) for s in batch.spans], device=logits.passages.device)
    passage = F.binary_cross_entropy_with_logits(logits.passages, answerable)
    known = ~batch.verdicts.isnan()
    verdict = F.binary_cross_entropy_with_logits(
        logits.verdicts[known], batch.verdicts[known], reduction="sum"
    ) / len(batch.verdicts)
    return (
        weights.sentence * sentence
        + weights.span * span
        + weights.passage * passage
        + weights.verdict * verdict
    )


def to_device(batch: Batch, device: torch.device) -> Batch:
    """Return the batch with its tensors on the device."""
    inputs = Inputs(*(tensor.to(device) for tensor in batch.inputs))
    return Batch(
        inputs, batch.needed.to(device), batch.valid.to(device), batch.spans, batch.verdicts.to(device)
    )
