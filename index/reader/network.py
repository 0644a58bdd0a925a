"""The network: the embedding model's transformer, cut in two, and three heads. Imports torch; import it late.

The lower layers read question and passage apart, as the embedding model does; the upper layers read them
joined (DeFormer, Cao et al. 2020, arXiv:2005.00697). So a passage passes the lower layers once for any number
of questions and a question once for any number of passages, which nearly halves the cost of training.

Heads: a sentence's mean state beside the passage's first token -> needed or not; a token's state -> start and
end of the answer, the first token standing for "no answer"; the first token -> the passage answers or not.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from index.reader.encoding import NO_SENTENCE

MASKED = -30.0


class Inputs(NamedTuple):
    """A batch: questions (q, lq), passages and their sentence ids (p, lp), pairs (b, 2) of rows of both.

    All int64; attention is 0 on padding.
    """

    questions: Tensor
    question_attention: Tensor
    passages: Tensor
    passage_attention: Tensor
    sentence_ids: Tensor
    pairs: Tensor


class Logits(NamedTuple):
    """Of b pairs over passages of lp tokens and at most n sentences; MASKED where there is nothing."""

    sentences: Tensor  # (b, n)
    starts: Tensor  # (b, lp)
    ends: Tensor  # (b, lp)
    passages: Tensor  # (b,)


class ReaderNetwork(nn.Module):
    """The embedding model's transformer and the heads of the reader. joint_layers: how many read both."""

    def __init__(self, encoder: Any, joint_layers: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.joint_layers = joint_layers
        size = int(encoder.config.hidden_size)
        self.segments = nn.Parameter(torch.zeros(2, size))
        self.sentence_head = nn.Sequential(nn.Linear(2 * size, size), nn.GELU(), nn.Linear(size, 1))
        self.span_head = nn.Linear(size, 2)
        self.passage_head = nn.Linear(size, 1)

    def forward(self, inputs: Inputs) -> Logits:
        """Score every pair."""
        layers = self.encoder.encoder.layer
        lower, upper = layers[: len(layers) - self.joint_layers], layers[len(layers) - self.joint_layers :]
        questions = self._apart(inputs.questions, inputs.question_attention, lower)
        passages = self._apart(inputs.passages, inputs.passage_attention, lower)
        of_question, of_passage = inputs.pairs.unbind(1)
        states = torch.cat(
            [questions[of_question] + self.segments[0], passages[of_passage] + self.segments[1]], dim=1
        )
        attention = torch.cat(
            [inputs.question_attention[of_question], inputs.passage_attention[of_passage]], dim=1
        )
        states = _run_layers(states, attention, upper)
        return self._heads(states[:, questions.shape[1] :], inputs.sentence_ids[of_passage])

    def _apart(self, token_ids: Tensor, attention: Tensor, layers: Any) -> Tensor:
        states = self.encoder.embeddings(input_ids=token_ids, token_type_ids=torch.zeros_like(token_ids))
        return _run_layers(states, attention, layers)

    def _heads(self, states: Tensor, sentence_ids: Tensor) -> Logits:
        n = max(1, int(sentence_ids.max()) + 1)
        numbers = torch.arange(n, device=states.device)
        members = (sentence_ids[:, None, :] == numbers[None, :, None]).to(states.dtype)
        counts = members.sum(-1, keepdim=True)
        means = members @ states / counts.clamp(min=1)  # (b, n, size)
        first = states[:, :1]
        sentences = self.sentence_head(torch.cat([means, first.expand(-1, n, -1)], -1)).squeeze(-1)
        span = self.span_head(states)
        allowed = sentence_ids != NO_SENTENCE
        allowed[:, 0] = True
        return Logits(
            sentences.float().masked_fill(counts.squeeze(-1) == 0, MASKED),
            span[..., 0].float().masked_fill(~allowed, MASKED),
            span[..., 1].float().masked_fill(~allowed, MASKED),
            self.passage_head(first).float().flatten(),
        )


def _run_layers(states: Tensor, attention: Tensor, layers: Any) -> Tensor:
    mask = None
    if not bool(attention.all()):
        mask = torch.zeros(attention.shape, dtype=states.dtype, device=states.device)
        mask = mask.masked_fill(attention == 0, torch.finfo(states.dtype).min)[:, None, None, :]
        mask = mask.expand(-1, 1, attention.shape[1], -1)
    for layer in layers:
        states = layer(states, mask)
    return states
