"""Any sentence-transformers cross-encoder as a reader: larger models for machines that can run them.

A cross-encoder scores a pair of texts: each passage, and each sentence behind the one before it. There are no
answer spans. It is uncalibrated until `python -m eval.reader.calibrate --reader NAME` has been run for it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.locks import InOrder
from index.reader.calibration import UNCALIBRATED, Calibration
from index.reader.encoding import replace_surrogates
from index.reader.readings import ABSENT, make_reading
from index.reader.types import RawScores, ReaderPassage, Reading

_BATCH = 16
_MAX_CHARS = 20_000  # far beyond what any such model reads; its tokeniser cuts the rest


class CrossEncoderReader:
    """A sentence-transformers CrossEncoder by folder or hub name."""

    def __init__(self, model: Path | str, *, calibration: Calibration | None = None) -> None:
        """Load the model. Raises OSError or ValueError when it cannot be loaded."""
        from sentence_transformers import CrossEncoder

        self._model: Any = CrossEncoder(
            str(model), local_files_only=isinstance(model, Path), trust_remote_code=False
        )
        self._lock = InOrder()
        self.name = str(model)
        self.calibrated = calibration is not None
        self.calibration = calibration or UNCALIBRATED

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        """Return one reading a passage, in the order given."""
        return [
            make_reading(passage, raw, self.calibration)
            for passage, raw in zip(passages, self.raw_scores(question, passages), strict=True)
        ]

    def raw_scores(self, question: str, passages: Sequence[ReaderPassage]) -> list[RawScores]:
        """Return the model's log-odds of every passage and of its sentences."""
        asked = replace_surrogates(question)[:_MAX_CHARS]
        pairs: list[tuple[str, str]] = []
        for passage in passages:
            texts = [replace_surrogates(passage.sentence_text(i)) for i in range(len(passage.sentences))]
            if texts:
                header = f"{passage.title} {passage.heading}".strip()
                pairs.append((asked, f"{header}\n{' '.join(texts)}"[:_MAX_CHARS]))
                before = ["", *texts]
                pairs += [
                    (asked, f"{b} {text}".strip()[:_MAX_CHARS])
                    for b, text in zip(before, texts, strict=False)
                ]
        logits = iter(self._logits(pairs))
        scores = []
        for passage in passages:
            whole = next(logits) if passage.sentences else ABSENT
            scores.append(RawScores(tuple(next(logits) for _ in passage.sentences), whole))
        return scores

    def _logits(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Raw log-odds of every pair; models differ in what they apply to them."""
        if not pairs:
            return []
        from torch import nn

        with self._lock:  # its tokeniser is not thread-safe
            predicted = self._model.predict(
                list(pairs), batch_size=_BATCH, show_progress_bar=False, activation_fn=nn.Identity()
            )
        scores = np.asarray(predicted, dtype=np.float64)
        if scores.ndim == 2:  # one output a class; the last one is "relevant" in models of two classes
            scores = scores[:, -1] - scores[:, 0] if scores.shape[1] > 1 else scores[:, 0]
        return [float(score) for score in scores]
