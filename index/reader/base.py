"""The embedding model seen as a transformer: what a reader is trained on and laid over."""

import copy
from dataclasses import dataclass
from typing import Any

from index.embedding.embedder import SentenceTransformerEmbedder
from index.errors import WeightsUnusable


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A BERT encoder, its tokeniser and the fingerprint of its weights."""

    name: str
    encoder: Any
    tokenizer: Any
    fingerprint: str
    fast_bfloat16: bool

    @classmethod
    def from_embedder(cls, embedder: SentenceTransformerEmbedder) -> "BaseModel":
        """Return the embedder's own transformer, not a copy. Raises WeightsUnusable for another kind."""
        encoder = embedder.transformer
        if not hasattr(encoder, "embeddings") or not hasattr(getattr(encoder, "encoder", None), "layer"):
            raise WeightsUnusable(
                f"{embedder.name}: a reader needs an embedding model of the BERT kind as its base, "
                f"this one is {type(encoder).__name__}"
            )
        return cls(embedder.name, encoder, embedder.tokenizer, embedder.fingerprint, embedder.fast_bfloat16)

    def copy_encoder(self) -> Any:
        """Return a copy of the encoder that shares its embedding matrix, the larger part of its memory."""
        encoder = copy.deepcopy(self.encoder, {id(self.encoder.embeddings): self.encoder.embeddings})
        for module in encoder.modules():
            module._forward_hooks.clear()  # a question may be being embedded through its adapter just now
        return encoder

    def trainable_encoder(self) -> Any:
        """Return a copy to train, all but its embeddings; in evaluation mode, so without dropout."""
        encoder = self.copy_encoder()
        encoder.requires_grad_(True)
        encoder.embeddings.requires_grad_(False)
        if getattr(encoder, "pooler", None) is not None:
            encoder.pooler = None
        return encoder.eval()
