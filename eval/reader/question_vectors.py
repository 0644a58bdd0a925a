"""Questions to vectors in batches, with gradients where an adapter is being trained."""

from collections.abc import Sequence

import torch

from index.embedding.embedder import SentenceTransformerEmbedder
from index.embedding.question_adapter import QuestionAdapter


def embed_questions(
    questions: Sequence[str], embedder: SentenceTransformerEmbedder, adapter: QuestionAdapter | None
) -> torch.Tensor:
    """Return vectors of length 1, (n, dim), with gradients where the adapter has them."""
    tokens = embedder.tokenizer(
        [embedder.question_prompt + q for q in questions],
        padding=True, truncation=True, max_length=128, return_tensors="pt",
    )  # fmt: skip
    transformer = embedder.transformer
    tokens = tokens.to(transformer.device)
    if adapter is None:
        states = transformer(**tokens).last_hidden_state
    else:
        with adapter.applied(transformer):
            states = transformer(**tokens).last_hidden_state
    mask = tokens["attention_mask"][..., None].to(states.dtype)
    return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1)
