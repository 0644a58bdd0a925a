"""The network: the embedding model's transformer, cut in two, and three heads. Imports torch; import it late.

The lower layers read question and passage apart, as the embedding model does; the upper layers read them
joined (DeFormer, Cao et al. 2020, arXiv:2005.00697). So a passage passes the lower layers once for any number
of questions and a question once for any number of passages, which nearly halves the cost of training.

Where they are joined, passage tokens that also occur in the question are marked, and by how much any token of
the question resembles them (features of DrQA, Chen et al. 2017, arXiv:1704.00051).

Heads: a sentence's mean state beside the question's -> needed or not; their cosine, less the window's mean,
is added, so that training starts at what the embedding model knows. A token's state -> start and end of the
answer, the first token standing for "no answer". The first token -> the passage answers or not, and the
question asks for a verdict (yes or no, under a condition) or for something else.
"""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812  the name everybody gives it
from torch import Tensor, nn

from index.reader.encoding import NO_SENTENCE

MASKED = -30.0
_OPENING_TOKENS = 3  # "<s>", "query", ":"
_RARE = -4.0  # log-odds
_COSINE_SCALE = 100.0  # the embedding model was trained with a temperature of 0.01


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
    verdicts: Tensor  # (b,)


class ReaderNetwork(nn.Module):
    """The embedding model's transformer and the heads of the reader. joint_layers: how many read both."""

    def __init__(self, encoder: Any, joint_layers: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.joint_layers = joint_layers
        size = int(encoder.config.hidden_size)
        self.segments = nn.Parameter(torch.zeros(2, size))
        self.matches = nn.Linear(2, size)
        nn.init.zeros_(self.matches.weight)
        nn.init.zeros_(self.matches.bias)
        self.sentence_head = nn.Sequential(nn.Linear(3 * size, size), nn.GELU(), nn.Linear(size, 1))
        self.cosine_scale = nn.Parameter(torch.tensor(1.0))
        self.cosine_bias = nn.Parameter(torch.tensor(-1.0))
        self.span_head = nn.Linear(size, 2)
        self.passage_head = nn.Linear(size, 1)
        self.verdict_head = nn.Linear(size, 1)
        nn.init.zeros_(self.verdict_head.weight)
        nn.init.constant_(self.verdict_head.bias, _RARE)

    def to_bfloat16(self) -> None:
        """Convert all but the embeddings, which the embedding model shares."""
        self.encoder.encoder.bfloat16()
        heads = (self.sentence_head, self.span_head, self.passage_head, self.verdict_head)
        for module in (self.matches, *heads):
            module.bfloat16()
        self.segments.data = self.segments.data.bfloat16()

    def forward(self, inputs: Inputs) -> Logits:
        """Score every pair."""
        layers = self.encoder.encoder.layer
        lower, upper = layers[: len(layers) - self.joint_layers], layers[len(layers) - self.joint_layers :]
        questions = self._apart(inputs.questions, inputs.question_attention, lower)
        passages = self._apart(inputs.passages, inputs.passage_attention, lower)
        of_question, of_passage = inputs.pairs.unbind(1)
        asked, read = questions[of_question], passages[of_passage]
        asked_attention = inputs.question_attention[of_question]
        matches = self._match(
            asked, read, asked_attention, inputs.questions[of_question], inputs.passages[of_passage]
        )
        states = torch.cat([asked + self.segments[0], read + self.segments[1] + self.matches(matches)], dim=1)
        attention = torch.cat([asked_attention, inputs.passage_attention[of_passage]], dim=1)
        states = _run_layers(states, attention, upper)
        n_asked = questions.shape[1]
        question = _mean(states[:, :n_asked], asked_attention[:, None, :])[:, 0]
        return self._heads(question, states[:, n_asked:], inputs.sentence_ids[of_passage])

    @staticmethod
    def _match(asked: Tensor, read: Tensor, attention: Tensor, asked_ids: Tensor, read_ids: Tensor) -> Tensor:
        """For each passage token whether the question has it, and its closest resemblance, (b, lp, 2)."""
        # The tokens that open and end every question say nothing of what is asked.
        inside = attention.bool() & (attention.cumsum(1) < attention.sum(1, keepdim=True))
        inside[:, :_OPENING_TOKENS] = False
        equal = ((read_ids[:, :, None] == asked_ids[:, None, :]) & inside[:, None, :]).any(-1)
        cosines = F.normalize(read, dim=-1) @ F.normalize(asked, dim=-1).transpose(1, 2)
        closest = cosines.masked_fill(~inside[:, None, :], -1).amax(-1)
        return torch.stack([equal.to(read.dtype), closest], -1)

    def _apart(self, token_ids: Tensor, attention: Tensor, layers: Any) -> Tensor:
        states = self.encoder.embeddings(input_ids=token_ids, token_type_ids=torch.zeros_like(token_ids))
        return _run_layers(states.to(self.segments.dtype), attention, layers)

    def _heads(self, question: Tensor, states: Tensor, sentence_ids: Tensor) -> Logits:
        n = max(1, int(sentence_ids.max()) + 1)
        numbers = torch.arange(n, device=states.device)
        members = sentence_ids[:, None, :] == numbers[None, :, None]
        means = _mean(states, members)  # (b, n, size)
        first = states[:, :1]
        asked = question[:, None, :].expand(-1, n, -1)
        cosines = F.cosine_similarity(means, asked, dim=-1)
        features = torch.cat([means, first.expand(-1, n, -1), means * asked], -1)
        sentences = self.sentence_head(features).squeeze(-1)
        present = members.any(-1).to(states.dtype)
        typical = (cosines * present).sum(1, keepdim=True) / present.sum(1, keepdim=True).clamp(min=1)
        closeness = _COSINE_SCALE * self.cosine_scale * (cosines - typical)
        sentences = sentences + closeness + self.cosine_bias
        span = self.span_head(states)
        allowed = sentence_ids != NO_SENTENCE
        allowed[:, 0] = True
        return Logits(
            sentences.float().masked_fill(~members.any(-1), MASKED),
            span[..., 0].float().masked_fill(~allowed, MASKED),
            span[..., 1].float().masked_fill(~allowed, MASKED),
            self.passage_head(first).float().flatten(),
            self.verdict_head(first).float().flatten(),
        )


def _mean(states: Tensor, members: Tensor) -> Tensor:
    """Mean states of groups of tokens, 0 for an empty one. members: (b, n, l); returns (b, n, size)."""
    weights = members.to(states.dtype)
    return weights @ states / weights.sum(-1, keepdim=True).clamp(min=1)


def _run_layers(states: Tensor, attention: Tensor, layers: Any) -> Tensor:
    mask = None
    if not bool(attention.all()):
        mask = torch.zeros(attention.shape, dtype=states.dtype, device=states.device)
        mask = mask.masked_fill(attention == 0, torch.finfo(states.dtype).min)[:, None, None, :]
        mask = mask.expand(-1, 1, attention.shape[1], -1)
    for layer in layers:
        states = layer(states, mask)
    return states
