"""Text to vectors: the embedder protocol and its sentence-transformers implementation.

A passage and its sentences are embedded in one pass: the passage's vector is the mean over all its tokens,
a sentence's the mean over its own, each token contextualised by the whole passage ("late chunking", Günther
et al. 2024, arXiv:2409.04701). Sentence vectors therefore cost almost nothing extra.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.locks import InOrder
from index.one_thread import OneThread
from index.types import Span


@dataclass(frozen=True, slots=True)
class PassageText:
    """Embedding input for a passage: a context header, its text, its sentences as spans of the text."""

    header: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """Unit vectors of a passage, (dim,), and of its sentences, (n, dim)."""

    passage: NDArray[np.float32]
    sentences: NDArray[np.float32]


class Embedder(Protocol):
    """An embedding model whose question and passage vectors are compared by inner product."""

    @property
    def name(self) -> str:
        """Return the model's display name, for messages."""

    @property
    def fingerprint(self) -> str:
        """Return an identifier that is equal for equal weights, wherever they are stored."""

    @property
    def dimension(self) -> int:
        """Return the length of every vector."""

    def embed_question(self, question: str) -> NDArray[np.float32]:
        """Return the question's unit vector, (dim,)."""

    def embed_passages(
        self, passages: Sequence[PassageText], advance: Callable[[int], None] | None = None
    ) -> list[PassageVectors]:
        """Return vectors in input order. advance: called after each batch with its number of passages."""


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, from a folder or by hub name. Thread-safe."""

    def __init__(
        self,
        model: Path | str,
        *,
        name: str | None = None,
        device: str | None = None,
        full_precision: bool = False,
        question_adapter: Path | None = None,
    ) -> None:
        """Load the model. Raises OSError or ValueError if it cannot be loaded.

        full_precision: use float32 even where bfloat16 would be faster, as training needs.
        question_adapter: trained weights for questions, ignored if they are for another model. Raises
        WeightsUnusable if they are damaged.
        """
        import torch

        self._torch = torch
        self._turns = InOrder()  # tokenisers are not thread-safe
        self._n_threads = torch.get_num_threads()
        self._name = name or str(model)
        with OneThread("loading") as thread:
            self._model, self._fingerprint = thread.call(partial(_load, model, device, full_precision))
        self._device = self._model.device
        self._adapter = _load_adapter(question_adapter, self._fingerprint) if question_adapter else None
        prompts = self._model.prompts or {}
        self._question_prompt = prompts.get("query") or ""
        self._passage_prompt = prompts.get("document") or prompts.get("passage") or ""
        self._max_tokens = int(self._model.max_seq_length or 512)
        pooling = next((module for module in self._model if hasattr(module, "pooling_mode")), None)
        self._mean_pooled = pooling is not None and "mean" in str(pooling.pooling_mode)

    @property
    def name(self) -> str:
        """Return the model's name as configured."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Return a hash of a sample of every weight tensor."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """Return the length of every vector."""
        return int(self._model.get_embedding_dimension())

    @property
    def transformer(self) -> Any:
        """Return the underlying transformers model, not a copy."""
        return self._model[0].auto_model

    @property
    def tokenizer(self) -> Any:
        """Return the underlying transformers tokeniser."""
        return self._model.tokenizer

    @property
    def question_prompt(self) -> str:
        """Return the prefix that the model requires before a question."""
        return self._question_prompt

    @property
    def fast_bfloat16(self) -> bool:
        """Return whether this processor multiplies bfloat16 in hardware."""
        return _has_fast_bfloat16(self._torch)

    def embed_question(self, question: str) -> NDArray[np.float32]:
        """Return the question's unit vector, (dim,)."""
        with self._turns:
            # 5 ms slower than two threads, but leaves no OpenMP team that would slow the language model.
            self._torch.set_num_threads(1)
            try:
                with self._adapter.applied(self.transformer) if self._adapter else nullcontext():
                    vector: NDArray[np.float32] = self._encode([self._question_prompt + question])[0]
            finally:
                self._torch.set_num_threads(self._n_threads)
        return vector

    def embed_passages(
        self, passages: Sequence[PassageText], advance: Callable[[int], None] | None = None
    ) -> list[PassageVectors]:
        """Return vectors in input order; batches are sorted by length to minimise padding."""
        order = sorted(range(len(passages)), key=lambda i: len(passages[i].text), reverse=True)
        vectors: list[PassageVectors | None] = [None] * len(passages)
        at = 0
        with OneThread("embedding") as thread:
            while at < len(order):
                size = max(1, _BATCH_CHARS // (len(passages[order[at]].text) + 1))
                batch = order[at : at + min(size, _BATCH_TEXTS)]
                with self._turns:
                    embedded = thread.call(partial(self._embed_batch, [passages[i] for i in batch]))
                for i, vector in zip(batch, embedded, strict=True):
                    vectors[i] = vector
                at += len(batch)
                if advance:
                    advance(len(batch))
        return [v for v in vectors if v is not None]

    def _embed_batch(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        prefixes = [self._passage_prompt + (f"{p.header}\n" if p.header else "") for p in passages]
        texts = [prefix + p.text for prefix, p in zip(prefixes, passages, strict=True)]
        if not self._mean_pooled:
            return self._embed_separately(passages, texts)
        torch = self._torch
        tokens = self._model.tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=self._max_tokens,
            return_tensors="pt",
            return_offsets_mapping=True,
        )
        offsets = tokens.pop("offset_mapping").numpy()
        with torch.inference_mode():
            features = self._model[0](dict(tokens.to(self._device)))
            whole = self._pool(features["token_embeddings"], features["attention_mask"])
            rows, masks = [], []
            for row, (prefix, passage) in enumerate(zip(prefixes, passages, strict=True)):
                starts, ends = offsets[row, :, 0], offsets[row, :, 1]
                for sentence in passage.sentences:
                    first, last = len(prefix) + sentence.start, len(prefix) + sentence.end
                    mask = (starts < last) & (ends > first) & (ends > starts)
                    # A sentence truncated at the model's limit gets the passage's vector.
                    masks.append(mask if mask.any() else features["attention_mask"][row].cpu().numpy() > 0)
                    rows.append(row)
            attention = torch.from_numpy(np.array(masks)).to(self._device, features["attention_mask"].dtype)
            parts = self._pool(features["token_embeddings"][rows], attention)
        split, at = [], 0
        for row, passage in enumerate(passages):
            split.append(PassageVectors(whole[row], parts[at : at + len(passage.sentences)]))
            at += len(passage.sentences)
        return split

    def _pool(self, token_embeddings: Any, attention_mask: Any) -> NDArray[np.float32]:
        """Apply the model's modules after the transformer (pooling, projections), then normalise."""
        features = {"token_embeddings": token_embeddings, "attention_mask": attention_mask}
        for module in list(self._model)[1:]:
            features = module(features)
        return _of_length_one(features["sentence_embedding"].float().cpu().numpy())

    def _embed_separately(self, passages: Sequence[PassageText], texts: list[str]) -> list[PassageVectors]:
        sentences = [self._passage_prompt + s.of(p.text) for p in passages for s in p.sentences]
        whole, parts, at, split = self._encode(texts), self._encode(sentences), 0, []
        for row, passage in enumerate(passages):
            split.append(PassageVectors(whole[row], parts[at : at + len(passage.sentences)]))
            at += len(passage.sentences)
        return split

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        # prompt="" because the prefixes are already in the texts
        vectors = self._model.encode(texts, prompt="", show_progress_bar=False, convert_to_tensor=True)
        return _of_length_one(vectors.float().cpu().numpy())


_BATCH_CHARS = (
    2_000  # about 1,000 tokens, so that activations stay in cache: measured a fifth faster than 16,000
)
_BATCH_TEXTS = 64


def _of_length_one(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def _load(path: Path | str, device: str | None, full_precision: bool) -> tuple[Any, str]:
    """Return the model, ready to embed, and its fingerprint."""
    import torch
    import transformers.utils.logging as transformers_logging
    from sentence_transformers import SentenceTransformer

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model: Any = SentenceTransformer(
        str(path), device=device, local_files_only=isinstance(path, Path), trust_remote_code=False
    )
    fingerprint = _fingerprint(model)
    # bfloat16 nearly doubles the speed where the CPU multiplies it in hardware, and hurts elsewhere.
    if not full_precision and (model.device.type != "cpu" or _has_fast_bfloat16(torch)):
        model.bfloat16()
    return model.eval(), fingerprint


def _load_adapter(path: Path, fingerprint: str) -> Any:
    """Return the question adapter, or None if it was trained for another model."""
    from index.embedding.question_adapter import ADAPTER_FORMAT, QuestionAdapter
    from index.embedding.weights_file import read_weights

    is_for_this = read_weights(path, ADAPTER_FORMAT).metadata.get("base") == fingerprint
    return QuestionAdapter.load(path) if is_for_this else None


def _fingerprint(model: Any) -> str:
    digest = hashlib.sha256()
    for name, weight in sorted(model.state_dict().items()):
        flat = weight.reshape(-1)
        sample = flat[:: max(1, flat.numel() // 64)][:64].float().cpu().numpy()
        digest.update(f"{name} {tuple(weight.shape)} ".encode())
        digest.update(np.round(sample, 4).astype("<f4").tobytes())
    return digest.hexdigest()[:16]


def _has_fast_bfloat16(torch: Any) -> bool:
    capabilities = torch.backends.cpu.get_cpu_capability()
    return bool(
        "AMX" in capabilities
        or getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
        or getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()
    )
